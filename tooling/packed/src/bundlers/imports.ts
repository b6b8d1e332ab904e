import type { Platform } from './bundle.ts'
import type { PartName } from './parts.ts'

/** The imports of an application, and the expected contents of its bundle. */
export interface Imported {
  readonly title: string
  readonly platform: Platform
  /** The imported names, by package. */
  readonly names: Readonly<Record<string, readonly string[]>>
  /** All packages whose code the bundle contains. */
  readonly packages: readonly string[]
  /** All parts of `parts.ts` that the bundle contains. */
  readonly parts: readonly PartName[]
  /** Parts that the bundle does not contain, but whose patterns match its own code. */
  readonly similar?: readonly PartName[]
}

const core = '@pds/core'
const oauth = '@pds/auth-oauth'

/** The sign-in and the session of a page, without the transport. */
const sharedSession = {
  [oauth]: ['completeSignIn', 'oauthGrant', 'signInWithRedirect'],
  '@pds/session': ['createSession'],
  '@pds/session-web': ['webStore'],
}
const encryption = {
  '@pds/session': ['createSession', 'encryptedStore'],
  '@pds/session-web': ['webStore', 'webStoreKey'],
}
const partsOfSharedSession: readonly PartName[] = [
  ...(['transport', 'authorize URL', 'callback', 'code exchange', 'refresh', 'revocation'] as const),
  ...([
    'redirect',
    'return to the page',
    'pending request',
    'popup callback',
    'session',
    'IndexedDB',
  ] as const),
]

export const imports: readonly Imported[] = [
  one(core, 'createTransport', [core, 'ky'], ['transport', 'ky']),
  one(`${core}/fetch`, 'createTransport', [core], ['transport']),
  one(core, 'isPDSError', [core], []),
  one(oauth, 'createAuthorizationUrl', [oauth, core], ['authorize URL']),
  one(oauth, 'parseCallback', [oauth, core], ['callback']),
  one(oauth, 'getTokenByCode', [oauth, core], ['code exchange']),
  one(oauth, 'refreshToken', [oauth, core], ['refresh']),
  one(oauth, 'revokeToken', [oauth, core], ['revocation']),
  one(oauth, 'oauthGrant', [oauth, core], ['refresh', 'revocation']),
  one(oauth, 'signInWithRedirect', [oauth, core], ['authorize URL', 'redirect', 'pending request']),
  one(
    oauth,
    'signInWithPopup',
    [oauth, core],
    ['authorize URL', 'popup', 'popup callback', 'callback', 'code exchange'],
  ),
  one(
    oauth,
    'completeSignIn',
    [oauth, core],
    ['return to the page', 'pending request', 'popup callback', 'callback', 'code exchange'],
  ),
  one('@pds/auth-jwt', 'refreshJwtToken', ['@pds/auth-jwt', core], ['JWT refresh']),
  {
    ...one('@pds/auth-jwt', 'getUserJwtToken', ['@pds/auth-jwt', core], ['signing error']),
    title: 'getUserJwtToken of @pds/auth-jwt on a page',
  },
  one('@pds/session', 'createSession', ['@pds/session', core], ['session']),
  one('@pds/session', 'memoryStore', ['@pds/session', core], []),
  one('@pds/session', 'conditionalStore', ['@pds/session', core], ['conditional store']),
  one('@pds/session', 'encryptedStore', ['@pds/session', core], ['encryption']),
  one('@pds/session-web', 'webStore', ['@pds/session-web', core], ['IndexedDB']),
  one('@pds/session-web', 'webStoreKey', ['@pds/session-web', core], ['IndexedDB', 'key of the store']),
  one('@pds/backend/page', 'backendGrant', ['@pds/backend', core], ['grant of a back end']),
  one(
    '@pds/client',
    'PDSClient',
    ['@pds/client', '@pds/auth-jwt', oauth, '@pds/session', core, 'ky'],
    ['transport', 'ky', 'code exchange', 'refresh', 'JWT refresh', 'signing error', 'session'],
  ),
  onServer('@pds/auth-jwt', 'getUserJwtToken', ['@pds/auth-jwt', core, 'jose'], ['signing', 'jose']),
  onServer('@pds/session-sqlite', 'sqliteStore', ['@pds/session-sqlite', core], ['SQLite']),
  onServer('@pds/session-redis', 'redisStore', ['@pds/session-redis', core], ['Redis']),
  onServer('@pds/session-postgres', 'postgresStore', ['@pds/session-postgres', core], ['PostgreSQL']),
  {
    ...onServer(
      '@pds/backend',
      'createBackend',
      ['@pds/backend', oauth, core, 'jose'],
      ['back end', 'authorize URL', 'callback', 'code exchange', 'jose'],
    ),
    // It throws the code of such an error, and jose generates keys, too.
    similar: ['return to the page', 'key of the store'],
  },
  {
    ...onServer(
      '@pds/emulator',
      'startEmulator',
      ['@pds/emulator', '@hono/node-server', 'hono', 'jose'],
      ['emulator', 'jose'],
    ),
    // The emulator handles the same parameters as these parts.
    similar: ['transport', 'authorize URL', 'code exchange', 'revocation', 'key of the store'],
  },
  { title: 'only ky', platform: 'page', names: { ky: ['default as ky'] }, packages: ['ky'], parts: ['ky'] },
  {
    title: 'the whole flow of @pds/auth-oauth with a transport',
    platform: 'page',
    names: {
      [core]: ['createTransport'],
      [oauth]: ['createAuthorizationUrl', 'parseCallback', 'getTokenByCode', 'refreshToken'],
    },
    packages: [oauth, core, 'ky'],
    parts: ['transport', 'ky', 'authorize URL', 'callback', 'code exchange', 'refresh'],
  },
  {
    title: 'the whole flow of @pds/auth-oauth with the transport of @pds/core/fetch',
    platform: 'page',
    names: {
      [`${core}/fetch`]: ['createTransport'],
      [oauth]: ['createAuthorizationUrl', 'parseCallback', 'getTokenByCode', 'refreshToken'],
    },
    packages: [oauth, core],
    parts: ['transport', 'authorize URL', 'callback', 'code exchange', 'refresh'],
  },
  {
    title: 'a page with a session that all tabs share',
    platform: 'page',
    names: { [core]: ['createTransport'], ...sharedSession, ...encryption },
    packages: [oauth, core, '@pds/session', '@pds/session-web', 'ky'],
    parts: ['ky', 'encryption', 'key of the store', ...partsOfSharedSession],
  },
  {
    title: 'a page with a session that all tabs share, with the transport of @pds/core/fetch',
    platform: 'page',
    names: { [`${core}/fetch`]: ['createTransport'], ...sharedSession, ...encryption },
    packages: [oauth, core, '@pds/session', '@pds/session-web'],
    parts: ['encryption', 'key of the store', ...partsOfSharedSession],
  },
  {
    title: 'a page with an unencrypted session that all tabs share, with the transport of @pds/core/fetch',
    platform: 'page',
    names: { [`${core}/fetch`]: ['createTransport'], ...sharedSession },
    packages: [oauth, core, '@pds/session', '@pds/session-web'],
    parts: partsOfSharedSession,
  },
]

function one(from: string, name: string, packages: readonly string[], parts: readonly PartName[]): Imported {
  return { title: `${name} of ${from}`, platform: 'page', names: { [from]: [name] }, packages, parts }
}

function onServer(...imported: Parameters<typeof one>): Imported {
  return { ...one(...imported), platform: 'server' }
}
