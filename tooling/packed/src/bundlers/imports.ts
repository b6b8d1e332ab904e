import type { Platform } from './bundle.ts'
import type { PartName } from './parts.ts'

/** What an application imports, and what it is to get. */
export interface Imported {
  readonly title: string
  readonly platform: Platform
  /** The names that it imports, by package. */
  readonly names: Readonly<Record<string, readonly string[]>>
  /** All packages of which something is in its bundle. */
  readonly packages: readonly string[]
  /** All of the parts of `parts.ts` that are. */
  readonly parts: readonly PartName[]
  /** Parts that it has not, and whose code its own looks like. */
  readonly like?: readonly PartName[]
}

const core = '@pds/core'
const oauth = '@pds/auth-oauth'

export const imports: readonly Imported[] = [
  one(core, 'createTransport', [core, 'ky'], ['transport', 'ky']),
  one(core, 'isPDSError', [core], []),
  one(oauth, 'createAuthorizationUrl', [oauth, core], ['authorize URL']),
  one(oauth, 'parseCallback', [oauth, core], ['callback']),
  one(oauth, 'getTokenByCode', [oauth, core], ['code exchange']),
  one(oauth, 'refreshToken', [oauth, core], ['refresh']),
  one(oauth, 'revokeToken', [oauth, core], ['revocation']),
  one(oauth, 'oauthGrant', [oauth, core], ['refresh', 'revocation']),
  one(oauth, 'signInWithRedirect', [oauth, core], ['authorize URL', 'redirect', 'kept request']),
  one(
    oauth,
    'signInWithPopup',
    [oauth, core],
    ['authorize URL', 'popup', 'popup answer', 'callback', 'code exchange'],
  ),
  one(
    oauth,
    'completeSignIn',
    [oauth, core],
    ['return to the page', 'kept request', 'popup answer', 'callback', 'code exchange'],
  ),
  one('@pds/auth-jwt', 'refreshJwtToken', ['@pds/auth-jwt', core], ['JWT refresh']),
  {
    ...one('@pds/auth-jwt', 'getUserJwtToken', ['@pds/auth-jwt', core], ['refusal to sign']),
    title: 'getUserJwtToken of @pds/auth-jwt, on a page',
  },
  one('@pds/session', 'createSession', ['@pds/session', core], ['session']),
  one('@pds/session', 'memoryStore', ['@pds/session'], []),
  one('@pds/session', 'encrypted', ['@pds/session', core], ['encryption']),
  one('@pds/session-web', 'webStore', ['@pds/session-web', core], ['IndexedDB']),
  one('@pds/session-web', 'webStoreKey', ['@pds/session-web', core], ['IndexedDB', 'key of the store']),
  one(
    '@pds/client',
    'PDSClient',
    ['@pds/client', '@pds/auth-jwt', oauth, core, 'ky'],
    ['transport', 'ky', 'code exchange', 'refresh', 'JWT refresh', 'refusal to sign'],
  ),
  onServer('@pds/auth-jwt', 'getUserJwtToken', ['@pds/auth-jwt', core, 'jose'], ['signing', 'jose']),
  onServer('@pds/session-sqlite', 'sqliteStore', ['@pds/session-sqlite', core], ['SQLite']),
  onServer('@pds/session-redis', 'redisStore', ['@pds/session-redis', core], ['Redis']),
  {
    ...onServer(
      '@pds/emulator',
      'startEmulator',
      ['@pds/emulator', '@hono/node-server', 'hono', 'jose'],
      ['emulator', 'jose'],
    ),
    // It speaks of the same things from the other side.
    like: ['transport', 'authorize URL', 'code exchange', 'revocation', 'key of the store'],
  },
  { title: 'ky alone', platform: 'page', names: { ky: ['default as ky'] }, packages: ['ky'], parts: ['ky'] },
  {
    title: 'the whole flow of @pds/auth-oauth, with its transport',
    platform: 'page',
    names: {
      [core]: ['createTransport'],
      [oauth]: ['createAuthorizationUrl', 'parseCallback', 'getTokenByCode', 'refreshToken'],
    },
    packages: [oauth, core, 'ky'],
    parts: ['transport', 'ky', 'authorize URL', 'callback', 'code exchange', 'refresh'],
  },
  {
    title: 'a page with a session that all of its tabs share',
    platform: 'page',
    names: {
      [core]: ['createTransport'],
      [oauth]: ['completeSignIn', 'oauthGrant', 'signInWithRedirect'],
      '@pds/session': ['createSession', 'encrypted'],
      '@pds/session-web': ['webStore', 'webStoreKey'],
    },
    packages: [oauth, core, '@pds/session', '@pds/session-web', 'ky'],
    parts: [
      ...([
        'transport',
        'ky',
        'authorize URL',
        'callback',
        'code exchange',
        'refresh',
        'revocation',
      ] as const),
      ...(['redirect', 'return to the page', 'kept request', 'popup answer'] as const),
      ...(['session', 'encryption', 'IndexedDB', 'key of the store'] as const),
    ],
  },
]

function one(from: string, name: string, packages: readonly string[], parts: readonly PartName[]): Imported {
  return { title: `${name} of ${from}`, platform: 'page', names: { [from]: [name] }, packages, parts }
}

function onServer(...imported: Parameters<typeof one>): Imported {
  return { ...one(...imported), platform: 'server' }
}
