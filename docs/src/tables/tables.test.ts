import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fromEnv } from '@pds/auth-jwt'
import { createBackend } from '@pds/backend'
import { PDSClient } from '@pds/client'
import { createTransport, type PDSErrorCode } from '@pds/core'
import { createEmulator, type Emulator, type Fault } from '@pds/emulator'
import {
  conditionalStore,
  createSession,
  createSessions,
  memoryStore,
  type Session,
  type Sessions,
} from '@pds/session'
import { keychainKey } from '@pds/session-keychain'
import { postgresStore } from '@pds/session-postgres'
import { redisStore } from '@pds/session-redis'
import { sqliteStore } from '@pds/session-sqlite'
import { webStore } from '@pds/session-web'
import { describe, expect, it } from 'vitest'
import { repository } from '../documents/documents.ts'
import { namesInCell, namesInTable, readReadme, tableRows } from '../documents/tables.ts'
import {
  backendGrantOptions,
  causes,
  envVariables,
  grantFields,
  hooks,
  outcomes,
  sdkCodes,
  serviceCodes,
  sessionEvents,
} from './known-names.ts'

/* Compares the tables of the READMEs with the source. */

const faultTypes: Record<Fault['type'], null> = {
  status: null,
  throttle: null,
  redirect: null,
  html: null,
  delay: null,
  drop: null,
  truncate: null,
  'wrong-length': null,
  drip: null,
  date: null,
}

const api_endpoint = 'https://bj1.test'

/** Returns the names that an error lists after it rejects an unknown name. */
async function listed(use: () => unknown, introduction: string): Promise<string[]> {
  const message = await (async () => use())().then(String, (error: Error) => error.message)
  const [, names] = message.split(introduction)
  return (names ?? message).split(', ')
}

const knownOptions = (use: () => unknown) => listed(use, 'the names are ')
const transportOptions = () => knownOptions(() => createTransport({ api_endpoint, ...{ wrong: 1 } }))

describe('the README of the repository', () => {
  it('has the current sizes of the bundles', () => {
    const read = (file: string) => readFileSync(path.join(repository, file), 'utf8')
    const budgets: Record<string, { vite: number }> = JSON.parse(
      read('tooling/packed/src/bundlers/budgets.json'),
    )
    const sizes = [
      'refreshToken of @pds/auth-oauth',
      'the whole flow of @pds/auth-oauth with a transport',
      'only ky',
      'the whole flow of @pds/auth-oauth with the transport of @pds/core/fetch',
    ].map((title) => {
      // A budget is 1 % and 20 bytes above the measured size.
      const size = ((budgets[title]?.vite ?? 0) - 20) / 1.01 / 1000
      return `${size.toFixed(size < 10 ? 1 : 0)} kB`
    })
    expect(read('README.md').match(/[\d.]+ kB/g)).toEqual(sizes)
  })
})

describe('the README of @pds/core', () => {
  const readme = readReadme('core')

  it('lists all options of a transport', async () => {
    const known = await transportOptions()
    expect(namesInTable(readme, '## The transport', 'option').sort()).toEqual(known.sort())
  })

  it('lists all options of a call', async () => {
    const request = { endpoint: 'auth', path: '/', format: 'json', params: {}, read: () => null } as const
    const known = await knownOptions(() =>
      createTransport({ api_endpoint }).post(request, { wrong: 1 } as object),
    )
    expect(namesInTable(readme, '## Options of a call', 'option').sort()).toEqual(known.sort())
  })

  it('lists all error codes of the SDK and of the service', () => {
    expect(namesInTable(readme, '## Errors', 'SDK code')).toEqual(Object.keys(sdkCodes))
    expect(namesInTable(readme, '## Errors', 'service code').sort()).toEqual(Object.keys(serviceCodes).sort())
  })

  it('lists all hooks', () => {
    expect(namesInTable(readme, '## Hooks', 'hook')).toEqual(Object.keys(hooks))
  })

  it('lists all outcomes, and only existing codes in the table of failures', () => {
    const listedOutcomes = [...readme.matchAll(/^- `([\w-]+)`:/gm)].map(([, outcome]) => outcome)
    expect(listedOutcomes).toEqual(Object.keys(outcomes))
    const codes: PDSErrorCode[] = namesInTable(readme, '## Errors', 'failure', 1)
    expect(Object.keys(sdkCodes)).toEqual(expect.arrayContaining(codes))
    expect(Object.keys(outcomes)).toEqual(
      expect.arrayContaining(namesInTable(readme, '## Errors', 'failure', 2)),
    )
  })
})

describe('the README of @pds/auth-jwt', () => {
  const readme = readReadme('auth-jwt')

  it('lists all environment variables, and all properties that have their values', () => {
    expect(namesInTable(readme, '## Environment variables', 'variable')).toEqual(Object.keys(envVariables))
    const env = fromEnv({ PDS_CLIENT_SECRET: 'secret' })
    const properties = Object.entries(env).flatMap(([part, settings]) =>
      Object.keys(settings).map((name) => `${part}.${name}`),
    )
    const listed = new Set(namesInTable(readme, '## Environment variables', 'variable', 1))
    expect([...listed].sort()).toEqual(properties.sort())
  })
})

const withoutArguments = (name: string) => name.replace(/\(.*\)$/, '')

describe('the README of @pds/session', () => {
  const readme = readReadme('session')
  const options = { key: 'k', grant: { obtain: async () => ({ access_token: 'a' }) } }

  it('lists all options', async () => {
    const known = await knownOptions(() => createSession({ ...options, ...{ wrong: 1 } }))
    expect(namesInTable(readme, '## Options', 'option').sort()).toEqual(known.sort())
  })

  it('lists all functions of a session', () => {
    const session: Session = createSession(options)
    const names = namesInTable(readme, '# @pds/session', 'function').map(withoutArguments)
    expect(names).toEqual(expect.arrayContaining(Object.keys(session)))
  })

  it('lists the options that a pool adds, and all functions and statistics of a pool', async () => {
    const ofSession = await knownOptions(() => createSession({ ...options, ...{ wrong: 1 } }))
    const known = await knownOptions(() => createSessions({ grant: () => options.grant, ...{ wrong: 1 } }))
    const own = known.filter((name) => name === 'grant' || !ofSession.includes(name))
    expect(namesInTable(readme, '## Many users', 'option').sort()).toEqual(own.sort())
    const users: Sessions = createSessions({ grant: () => options.grant })
    const head = 'function of a pool'
    const names = namesInTable(readme, '## Many users', head).map(withoutArguments)
    expect(names).toEqual(Object.keys(users))
    const explained = namesInTable(readme, '## Many users', head, 1)
    expect(explained).toEqual(expect.arrayContaining(Object.keys(users.stats())))
    expect(explained).toEqual(expect.arrayContaining(Object.keys(await users.warm([]))))
  })

  it('lists all events, all causes of a required login and all fields of a grant', () => {
    expect(namesInTable(readme, '## Events', 'event')).toEqual(Object.keys(sessionEvents))
    expect(namesInTable(readme, '## When a login', 'cause')).toEqual(Object.keys(causes))
    const fields = namesInTable(readme, '## A custom grant', 'field of a grant').map(withoutArguments)
    expect(fields).toEqual(Object.keys(grantFields))
  })

  it('lists all stores', () => {
    const stores = namesInTable(readme, '## Stores', 'store').map(withoutArguments)
    const known = [memoryStore, webStore, sqliteStore, redisStore, postgresStore, conditionalStore]
    expect(stores).toEqual(known.map(({ name }) => name))
  })

  it('lists all options of conditionalStore', async () => {
    const database = { get: async () => undefined, put: async () => true }
    const known = await knownOptions(() => conditionalStore({ ...database, ...{ wrong: 1 } }))
    const head = 'option of `conditionalStore`'
    const names = namesInTable(readme, '## A custom store', head).map(withoutArguments)
    expect(names.sort()).toEqual(known.sort())
  })
})

describe.each([
  ['session-sqlite', sqliteStore],
  ['session-redis', redisStore],
  ['session-postgres', postgresStore],
  ['session-web', webStore],
] as const)('the README of @pds/%s', (name, makeStore) => {
  it('lists all options', async () => {
    const known = await knownOptions(() => makeStore({ wrong: 1 } as never))
    expect(namesInTable(readReadme(name), '# @pds/', 'option').sort()).toEqual(known.sort())
  })
})

describe('the README of @pds/session-keychain', () => {
  const readme = readReadme('session-keychain')

  it('lists all options', async () => {
    const known = await knownOptions(() => keychainKey('name', { wrong: 1 } as never))
    expect(namesInTable(readme, '## Options', 'option').sort()).toEqual(known.sort())
    const ofElectron = await knownOptions(() => keychainKey({ wrong: 1 } as never))
    expect(namesInTable(readme, '## Options', 'option in Electron').sort()).toEqual(ofElectron.sort())
  })
})

describe('the README of @pds/backend', () => {
  const readme = readReadme('backend')
  const sessions = createSessions({ grant: () => ({ obtain: async () => ({ access_token: 'a' }) }) })
  const transport = createTransport({ api_endpoint })
  const signIn = { transport, client_id: 'c', redirect_uri: 'https://app.test/pds/callback' }
  const cookie = { secret: 'x'.repeat(32) }

  it('lists all options', async () => {
    const options = { sessions, signIn, cookie }
    const known = await knownOptions(() => createBackend({ ...options, ...{ wrong: 1 } }))
    expect(namesInTable(readme, '## Options', 'option').sort()).toEqual(known.sort())
    const ofSignIn = await knownOptions(() =>
      createBackend({ ...options, signIn: { ...signIn, ...{ wrong: 1 } } }),
    )
    expect(namesInTable(readme, '## Options', 'option of `signIn`').sort()).toEqual(ofSignIn.sort())
    const ofCookie = await knownOptions(() =>
      createBackend({ ...options, cookie: { ...cookie, ...{ wrong: 1 } } }),
    )
    expect(namesInTable(readme, '## Options', 'option of `cookie`').sort()).toEqual(ofCookie.sort())
    const ofPage = namesInTable(readme, '# @pds/backend', 'option of `backendGrant`')
    expect(ofPage).toEqual(Object.keys(backendGrantOptions))
  })
})

describe('the README of @pds/cli', () => {
  const readme = readReadme('cli')
  const source = globSync('packages/cli/src/**/*.ts', {
    cwd: repository,
    exclude: (file) => /\.test(-helper)?\.ts$/.test(file),
  })
    .map((file) => readFileSync(path.join(repository, file), 'utf8'))
    .join('\n')

  it('lists all codes of errors that only the command has', () => {
    const literals = [...source.matchAll(/(?:new CliError\(\s*|\bcode: )'(\w+)'/g)].map(([, code]) => code)
    // A code that several places need has a constant.
    const constants = [...source.matchAll(/new CliError\(\s*([a-z]\w+),/g)].map(
      ([, name]) => new RegExp(`const ${name} = '(\\w+)'`).exec(source)?.[1] ?? name,
    )
    const ofSdk = Object.keys(sdkCodes)
    const own = [...new Set([...literals, ...constants])].filter((code) => !ofSdk.includes(code as string))
    expect(own.length).toBeGreaterThan(5)
    expect(namesInTable(readme, '### Error codes', 'code of `pds`').sort()).toEqual(own.sort())
  })

  it('lists the exit codes', () => {
    const rows = tableRows(readme.slice(readme.indexOf('## Exit codes')), 'code')
    const listed = rows.flatMap(([codes = '']) => codes.split(', ').map(Number))
    const known = /export const exitCode[^=]*= (\{[^}]*\})/.exec(source)?.[1] ?? ''
    const codes = [...known.matchAll(/: (\d+),/g)].map(([, code]) => Number(code))
    expect(listed.sort()).toEqual(codes.sort())
  })
})

describe('the README of @pds/client', () => {
  const readme = readReadme('client')
  const client = new PDSClient({ api_endpoint })
  const members = [...Object.getOwnPropertyNames(PDSClient.prototype), ...Object.keys(client)]
    .filter((name) => name !== 'constructor')
    .sort()
  it('lists the options that the class adds to the options of a transport', async () => {
    const known = await knownOptions(() => new PDSClient({ api_endpoint, ...{ wrong: 1 } }))
    const inherited = await transportOptions()
    expect(known).toEqual(expect.arrayContaining(inherited))
    const own = known.filter((name) => !inherited.includes(name))
    expect(namesInTable(readme, '## Calling the API', 'option').sort()).toEqual(own.sort())
  })

  it('lists all members of the class', () => {
    const names = [
      ...namesInTable(readme, '# @pds/client', 'token method'),
      ...namesInTable(readme, '## Calling the API', 'member').map(withoutArguments),
    ]
    expect(names.sort()).toEqual(members)
  })

  it("names the counterpart in the vendor's SDK for each member and option", async () => {
    const names = namesInTable(readme, '## Coming from', 'vendor')
    const ours = new Set(['transport', 'logger', 'session'])
    const own = namesInTable(readme, '## Calling the API', 'option')
    const expected = [...members, ...own].filter((name) => !ours.has(name))
    expect(names).toEqual(expect.arrayContaining(expected))
  })
})

describe('the README of @pds/emulator', () => {
  const readme = readReadme('emulator')

  it('lists all faults with all their fields', async () => {
    const emulator = await createEmulator()
    const rows = tableRows(readme, 'type').map((row) => row.map(namesInCell))
    expect(rows.map(([type]) => type)).toEqual(Object.keys(faultTypes).map((type) => [type]))
    for (const [[type = ''] = [], fields] of rows) {
      const wrong = { ...exampleOf(type), wrong: 1 } as unknown as Fault
      const known = await listed(() => emulator.injectFault(wrong), 'it has ')
      const own = known.filter((name) => !['type', 'path', 'times'].includes(name))
      expect({ type, fields: fields?.sort() }).toEqual({ type, fields: own.sort() })
    }
  })

  it('lists all members of an emulator', async () => {
    const emulator = await createEmulator()
    const names = [...readme.matchAll(/`emulator\.(\w+)/g)].map(([, name]) => name as keyof Emulator)
    expect(names).toEqual(expect.arrayContaining(Object.keys(emulator)))
  })
})

/** Returns a fault of a type with its required fields. */
function exampleOf(type: string): object {
  const example = { type, status: 307, location: 'https://elsewhere.test', milliseconds: 1, by: 1, skew: 1 }
  const required: Record<string, (keyof typeof example)[]> = {
    status: ['status'],
    redirect: ['location'],
    delay: ['milliseconds'],
    drip: ['milliseconds'],
    'wrong-length': ['by'],
    date: ['skew'],
  }
  return Object.fromEntries(['type', ...(required[type] ?? [])].map((name) => [name, example[name as 'by']]))
}
