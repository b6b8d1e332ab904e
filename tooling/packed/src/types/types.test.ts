import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createConsumer } from '../packages/create-consumer.ts'
import { publishedPackages } from '../packages/published-packages.ts'
import { tools } from '../packages/repository.ts'
import { runNode } from '../packages/run-node.ts'
import { listExports } from './list-exports.ts'

/*
 * Projects of users, compiled against what is installed, with the declarations of the packages checked too. Each has a
 * file as somebody would write it, a file that imports every export, and a file of mistakes that must be found: so it is
 * known that the types were read.
 */
const compilers = ['typescript54', 'typescript59', 'typescript6', 'typescript7']
const resolutions: Record<string, object> = {
  NodeNext: { module: 'NodeNext' },
  Bundler: { module: 'ESNext', moduleResolution: 'Bundler' },
}

interface Kind {
  readonly sample: string
  /** What is imported whole, beside the sample. */
  readonly entries: readonly string[]
  readonly options: object
  /** What is installed beside our packages. */
  readonly others: readonly string[]
  /** Default: each. */
  readonly resolutions?: readonly string[]
}

const entries = publishedPackages().flatMap((one) => one.entries)
const serverOnly = ['@pds/emulator', '@pds/session-redis', '@pds/session-sqlite']
const kinds: Record<string, Kind> = {
  'a server without the DOM': {
    sample: 'server.ts',
    entries: entries.filter((entry) => entry !== '@pds/session-web'),
    options: { lib: ['ES2023'], types: ['node'] },
    others: ['@types/node'],
  },
  'a server with all that TypeScript knows by default': {
    sample: 'server.ts',
    entries,
    options: { types: ['node'] },
    others: ['@types/node'],
    resolutions: ['NodeNext'],
  },
  'a server with the clients of Redis': {
    sample: 'redis.ts',
    entries: ['@pds/session-redis'],
    // Their declarations are not ours to check, and take half a minute.
    options: { types: ['node'], skipLibCheck: true },
    others: ['@types/node', 'ioredis', 'redis'],
    resolutions: ['NodeNext'],
  },
  'a page without the types of Node.js': {
    sample: 'browser.ts',
    entries: entries.filter((entry) => !serverOnly.includes(entry)),
    options: { lib: ['ES2023', 'DOM', 'DOM.Iterable'], types: [] },
    others: [],
  },
}

const sampleOf = (name: string) => readFileSync(path.join(import.meta.dirname, 'consumers', name), 'utf8')
const mistakes = sampleOf('wrong-use.ts')
/** The mistakes as the compilers name them: the line after each comment, and the code in it. */
const expectedErrors = mistakes.split('\n').flatMap((line, index) => {
  const [, code] = /^\s*\/\/ @ts-expect-error (TS\d+): /.exec(line) ?? []
  return code === undefined ? [] : [`wrong-use.ts(${index + 2}): ${code}`]
})

describe.concurrent.each(Object.entries(kinds))('%s', (_, kind) => {
  const folder = createConsumer(kind.others)
  beforeAll(() => {
    const exported = listExports(kind.entries, folder)
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
    writeFileSync(path.join(folder, kind.sample), sampleOf(kind.sample))
    writeFileSync(path.join(folder, 'wrong-use.ts'), mistakes.replaceAll('@ts-expect-error', ''))
    mkdirSync(path.join(folder, 'exports'))
    for (const [entry, { values, types }] of Object.entries(exported)) {
      const names = [...values, ...types.map((name) => `type ${name}`)]
      const file = `${entry.replaceAll('/', '-').slice(1)}.ts`
      writeFileSync(path.join(folder, 'exports', file), `export { ${names.join(', ')} } from '${entry}'\n`)
    }
  })

  describe.each(compilers)('with %s', (compiler) => {
    it.each(kind.resolutions ?? Object.keys(resolutions))('compiles under %s', async (resolution) => {
      const config = `tsconfig.${compiler}.${resolution}.json`
      const compilerOptions = {
        target: 'ES2022',
        strict: true,
        exactOptionalPropertyTypes: true,
        verbatimModuleSyntax: true,
        skipLibCheck: false,
        // Those that come with the compiler: not ours to check, and a third of the time.
        skipDefaultLibCheck: true,
        noEmit: true,
        ...kind.options,
        ...resolutions[resolution],
      }
      const include = ['exports', kind.sample, 'wrong-use.ts']
      writeFileSync(path.join(folder, config), JSON.stringify({ compilerOptions, include }))
      const tsc = path.join(tools, compiler, 'bin/tsc')
      const { stdout } = await runNode([tsc, '--project', config, '--pretty', 'false'], { cwd: folder })
      const lines = stdout.split('\n').filter((line) => /^\S/.test(line))
      expect(lines.map(shorten), stdout).toEqual(expectedErrors)
    })
  })
})

/** `file(line): code` of a line of the compiler. */
function shorten(line: string): string {
  return line.replace(/^(.+)\((\d+),\d+\): error (TS\d+): .*$/, '$1($2): $3')
}
