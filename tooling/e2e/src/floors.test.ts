import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { repository } from './repository.ts'

/*
 * Packages import only from lower floors, not from their own floor. A package without an entry here fails the test: add
 * its floor.
 */
const floors: Record<string, number> = {
  types: 0,
  core: 1,
  'auth-jwt': 2,
  'auth-oauth': 2,
  'auth-loopback': 2,
  session: 2,
  'session-keychain': 2,
  'session-sqlite': 2,
  'session-postgres': 2,
  'session-redis': 2,
  'session-web': 2,
  client: 3,
  backend: 3,
  react: 3,
  cli: 3,
  // Must share no code with the packages that are tested against it.
  emulator: 1,
}
const onlyImports: Record<string, readonly string[]> = { emulator: ['types'] }
/**
 * A package that extends another one of its floor imports it: a store imports the package that defines the store
 * interface, and the sign-in with the browser of the system imports the sign-in.
 */
const extensionOf: Record<string, string> = {
  'auth-loopback': 'auth-oauth',
  'session-sqlite': 'session',
  'session-postgres': 'session',
  'session-redis': 'session',
  'session-web': 'session',
}

function mayImport(importer: string, imported: string): boolean {
  const [from, to] = [floors[importer], floors[imported]]
  if (from === undefined || to === undefined || imported === 'emulator') return false
  if (extensionOf[importer] === imported) return true
  return onlyImports[importer]?.includes(imported) ?? to < from
}

/** Returns every module that a source file imports, in any syntax. Ignores the examples in docstrings. */
function importsOf(source: string): string[] {
  const pattern = /(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g
  const code = source.replaceAll(/^[ \t]*\/\*\*.*?\*\//gms, '')
  return [...code.matchAll(pattern)].map((match) => match[1] ?? '')
}

/** Returns the forbidden imports of a source file. */
function violations(importer: string, file: string, source: string): string[] {
  return importsOf(source)
    .filter((specifier) => {
      const [, name] = /^@pds\/([^/]+)/.exec(specifier) ?? []
      if (name !== undefined) return !mayImport(importer, name)
      if (!specifier.startsWith('.')) return false
      return path.relative('src', path.join('src', path.dirname(file), specifier)).startsWith('..')
    })
    .map((specifier) => `${importer}/src/${file} imports ${specifier}`)
}

const packages = readdirSync(path.join(repository, 'packages'))

it.each(packages)('%s imports only from lower floors', (name) => {
  expect(floors, 'each package has a floor').toHaveProperty(name)
  const folder = path.join(repository, 'packages', name, 'src')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const sources = files.filter((file) => file.endsWith('.ts') && !/\.test(-\w+)?\.ts$/.test(file))
  // The command line has no entry for programs.
  expect(sources).toContain(name === 'cli' ? 'bin.ts' : 'index.ts')
  const found = sources.flatMap((file) =>
    violations(name, file, readFileSync(path.join(folder, file), 'utf8')),
  )
  expect(found).toEqual([])
})

it.each(packages.filter((name) => name !== 'core' && name !== 'client'))(
  '%s imports values of @pds/core only from the internal entry, which loads no HTTP client',
  (name) => {
    const folder = path.join(repository, 'packages', name, 'src')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    const sources = files.filter((file) => file.endsWith('.ts') && !/\.test(-\w+)?\.ts$/.test(file))
    const text = sources.map((file) => readFileSync(path.join(folder, file), 'utf8')).join('\n')
    // Type imports leave no code in the build.
    expect(text.match(/^(?:import|export) \{[^}]*\} from '@pds\/core'$/gm) ?? []).toEqual([])
  },
)

it.each(packages)('%s depends only on lower floors', (name) => {
  const manifest = JSON.parse(readFileSync(path.join(repository, 'packages', name, 'package.json'), 'utf8'))
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const ours = dependencies.filter((dependency) => dependency.startsWith('@pds/'))
  expect(ours.filter((dependency) => !mayImport(name, dependency.slice('@pds/'.length)))).toEqual([])
})

it.each([
  ['types', "import { createTransport } from '@pds/core'"],
  ['core', "export { PDSClient } from '@pds/client'"],
  ['auth-jwt', "import type { X } from '@pds/auth-oauth'"],
  ['auth-oauth', "import '@pds/auth-jwt'"],
  ['session', "import { jwtGrant } from '@pds/auth-jwt'"],
  ['session', "import { sqliteStore } from '@pds/session-sqlite'"],
  ['session-postgres', "import { redisStore } from '@pds/session-redis'"],
  ['session-redis', "import { sqliteStore } from '@pds/session-sqlite'"],
  ['client', "const { startEmulator } = await import('@pds/emulator')"],
  ['emulator', "import { PDSError } from '@pds/core'"],
  ['core', "import type { ITokenInfo } from '../../types/src/index.ts'"],
  ['core', "import {\n  a,\n  b,\n} from '@pds/unheard-of'"],
])('a forbidden import of %s is detected: %s', (name, source) => {
  expect(violations(name, 'file.ts', source)).toHaveLength(1)
})

it('an import in the example of a docstring is allowed, and an import after it is not', () => {
  const docstring = "/**\n * @example\n * import { PDSClient } from '@pds/client'\n */\n"
  expect(violations('core', 'file.ts', docstring)).toEqual([])
  expect(violations('core', 'file.ts', `${docstring}import '@pds/client'`)).toHaveLength(1)
})
