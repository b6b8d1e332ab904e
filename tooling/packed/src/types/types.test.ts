import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createConsumer } from '../packages/create-consumer.ts'
import { publishedPackages } from '../packages/published-packages.ts'
import { tools } from '../packages/repository.ts'
import { runNode } from '../packages/run-node.ts'
import { listExports } from './list-exports.ts'

/*
 * Compiles projects of users against the installed packages, and checks the declarations of the packages, too. Each
 * project has a file as a user would write it, a file that exports every export, and a file of mistakes. The compiler
 * must report the mistakes, which proves that it read the types.
 */
const compilers = ['typescript54', 'typescript59', 'typescript6', 'typescript7']
const resolutions: Record<string, object> = {
  NodeNext: { module: 'NodeNext' },
  Bundler: { module: 'ESNext', moduleResolution: 'Bundler' },
}

interface Kind {
  readonly sample: string
  /** The entries whose exports are all imported, in addition to the sample. */
  readonly entries: readonly string[]
  readonly options: object
  /** The packages that are installed in addition to ours. */
  readonly others: readonly string[]
  /** Default: all resolutions. */
  readonly resolutions?: readonly string[]
}

const allEntries = publishedPackages().flatMap(({ entries }) => entries)
/** These entries import the types of a framework. */
const frameworks = ['@pds/backend/express', '@pds/backend/fastify', '@pds/backend/hono', '@pds/react']
const entries = allEntries.filter((entry) => !frameworks.includes(entry))
const serverOnly = [
  '@pds/auth-loopback',
  '@pds/backend/node',
  '@pds/emulator',
  '@pds/session-keychain',
  '@pds/session-postgres',
  '@pds/session-redis',
  '@pds/session-sqlite',
]
const kinds: Record<string, Kind> = {
  'a server without the DOM': {
    sample: 'server.ts',
    entries: entries.filter((entry) => entry !== '@pds/session-web'),
    options: { lib: ['ES2023'], types: ['node'] },
    others: ['@types/node'],
  },
  'a server with the default libraries of TypeScript': {
    sample: 'server.ts',
    entries,
    options: { types: ['node'] },
    others: ['@types/node'],
    resolutions: ['NodeNext'],
  },
  'a server with the clients of Redis': {
    sample: 'redis.ts',
    entries: ['@pds/session-redis'],
    // Skips the declarations of the clients, which are not ours and take half a minute.
    options: { types: ['node'], skipLibCheck: true },
    others: ['@types/node', '@upstash/redis', 'ioredis', 'redis'],
    resolutions: ['NodeNext'],
  },
  'a server with the clients of PostgreSQL': {
    sample: 'postgres.ts',
    entries: ['@pds/session-postgres'],
    options: { types: ['node'], skipLibCheck: true },
    others: ['@electric-sql/pglite', '@types/node', '@types/pg', 'pg', 'postgres'],
    resolutions: ['NodeNext'],
  },
  'a back end or a page with its framework': {
    sample: 'frameworks.ts',
    entries: frameworks,
    options: { types: ['node'], skipLibCheck: true },
    others: ['@types/express', '@types/node', '@types/react', 'express', 'fastify', 'hono', 'react'],
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
/** The expected errors of the compilers: the line after each comment, with the code of the comment. */
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
        // Skips the declarations of the compiler, which are not ours and take a third of the time.
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
      expect(stdout).toContain("Property 'private_key_pem' is missing")
    })
  })
})

/** Returns `file(line): code` of a line of the compiler's output. */
function shorten(line: string): string {
  return line.replace(/^(.+)\((\d+),\d+\): error (TS\d+): .*$/, '$1($2): $3')
}
