import { copyFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createConsumer } from '../packages/create-consumer.ts'
import { publishedPackages } from '../packages/published-packages.ts'
import { tools } from '../packages/repository.ts'
import { runNode } from '../packages/run-node.ts'

const consumer = createConsumer(['@types/node'])
const entries = publishedPackages().flatMap(({ entries }) => entries)

it('a CommonJS module requires the packages and calls the service with them', async () => {
  const file = path.join(consumer, 'commonjs.cjs')
  copyFileSync(path.join(import.meta.dirname, 'commonjs.cjs'), file)
  const outcome = await runNode([file, path.join(consumer, 'sessions.db')])
  expect(outcome).toEqual({ code: 0, stdout: 'every call succeeded\n', stderr: '' })
})

it('require() and import() of an entry return the same module', async () => {
  const file = path.join(consumer, 'require-each.cjs')
  writeFileSync(
    file,
    `for (const entry of ${JSON.stringify(entries)}) {
      import(entry).then((imported) => console.log(entry, require(entry) === imported))
    }`,
  )
  const { stdout, stderr } = await runNode([file])
  expect(stderr).toBe('')
  expect(stdout.trimEnd().split('\n').sort()).toEqual(entries.map((entry) => `${entry} true`).sort())
})

/*
 * Since TypeScript 5.8, a CommonJS module can require an ES module under `nodenext`. TypeScript 5.9 added `node20`,
 * which allows it, too.
 */
describe.each([
  ['typescript54', 'nodenext', ['commonjs.cts(1): TS1479', 'commonjs.cts(2): TS1471']],
  ['typescript59', 'nodenext', []],
  ['typescript59', 'node20', []],
  ['typescript6', 'node20', []],
  ['typescript7', 'nodenext', []],
  ['typescript7', 'node20', []],
])('with %s under %s', (compiler, module, errors) => {
  it(
    errors.length > 0 ? 'a CommonJS module gets an error that names import()' : 'a CommonJS module compiles',
    async () => {
      writeFileSync(
        path.join(consumer, 'commonjs.cts'),
        `import { PDSClient } from '@pds/client'
import core = require('@pds/core')
export const client: PDSClient = new PDSClient({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
export const transport: core.PDSTransport = client.transport
// @ts-expect-error: the types are read
export const none: number = core.createTransport
`,
      )
      const compilerOptions = {
        module,
        target: 'ES2022',
        lib: ['ES2023'],
        types: ['node'],
        strict: true,
        skipLibCheck: true,
        noEmit: true,
      }
      const config = `tsconfig.${compiler}.${module}.json`
      writeFileSync(path.join(consumer, config), JSON.stringify({ compilerOptions, files: ['commonjs.cts'] }))
      const tsc = path.join(tools, compiler, 'bin/tsc')
      const { stdout } = await runNode([tsc, '--project', config, '--pretty', 'false'], { cwd: consumer })
      const lines = stdout.split('\n').filter((line) => /^\S/.test(line))
      expect(lines.map((line) => line.replace(/,\d+\): error (TS\d+): .*$/, '): $1'))).toEqual(errors)
    },
  )
})
