import type { Bundle } from './bundle.ts'

interface Part {
  /** How the name of its module ends. */
  readonly module: string
  /** What is in its code alone, also when that is minified. */
  readonly text: RegExp
}

/** What a bundle may have in it without need. Each is known by its module, and by its code where a bundler tells of none. */
const parts = {
  transport: { module: '@pds/core/dist/create-transport.js', text: /\/oauth\/authorize/ },
  ky: { module: 'ky/distribution/core/Ky.js', text: /ForceRetryError/ },
  'authorize URL': {
    module: '@pds/auth-oauth/dist/create-authorization-url.js',
    text: /code_challenge/,
  },
  callback: { module: '@pds/auth-oauth/dist/parse-callback.js', text: /StateMismatch/ },
  'code exchange': { module: '@pds/auth-oauth/dist/get-token-by-code.js', text: /authorization_code/ },
  refresh: { module: '@pds/auth-oauth/dist/refresh-token.js', text: /["'`]refreshToken["'`]/ },
  revocation: { module: '@pds/core/dist/request-revocation.js', text: /\/account\/revoke/ },
  redirect: { module: '@pds/auth-oauth/dist/sign-in-with-redirect.js', text: /location\.assign/ },
  'return to the page': { module: '@pds/auth-oauth/dist/complete-sign-in.js', text: /SignInNotBegun/ },
  'kept request': { module: '@pds/auth-oauth/dist/waiting-request.js', text: /sessionStorage is full/ },
  popup: { module: '@pds/auth-oauth/dist/sign-in-with-popup.js', text: /PopupBlocked/ },
  'popup answer': { module: '@pds/auth-oauth/dist/popup-answer.js', text: /MessageChannel|\.ports\b/ },
  'JWT refresh': { module: '@pds/auth-jwt/dist/refresh-jwt-token.js', text: /["'`]refreshJwtToken["'`]/ },
  'refusal to sign': { module: '@pds/auth-jwt/dist/signing.browser.js', text: /does not run in a browser/ },
  signing: { module: '@pds/auth-jwt/dist/create-signer.js', text: /SigningFailed/ },
  jose: { module: 'jose/dist/webapi/jwt/sign.js', text: /ERR_JOSE/ },
  session: { module: '@pds/session/dist/session-keeper.js', text: /was signed out/ },
  encryption: { module: '@pds/session/dist/encrypted.js', text: /encrypted: a key must/ },
  IndexedDB: { module: '@pds/session-web/dist/indexed-place.js', text: /indexedDB/ },
  'key of the store': { module: '@pds/session-web/dist/web-store-key.js', text: /generateKey/ },
  SQLite: { module: '@pds/session-sqlite/dist/open-database.js', text: /BEGIN IMMEDIATE/ },
  Redis: { module: '@pds/session-redis/dist/scripts.js', text: /redis\.call/ },
  emulator: { module: '@pds/emulator/dist/start-emulator.js', text: /this machine only/ },
} as const satisfies Record<string, Part>

export type PartName = keyof typeof parts

const names = Object.keys(parts) as PartName[]

/** The parts whose modules are in a bundle, as the bundler says. */
export function partsByModule({ modules }: Bundle): PartName[] {
  return names.filter((name) =>
    modules.some((module) => module.endsWith(`/node_modules/${parts[name].module}`)),
  )
}

/** The parts whose code is in a bundle. */
export function partsByCode({ code }: Bundle): PartName[] {
  return names.filter((name) => parts[name].text.test(code))
}

/** The packages of which something is in a bundle; anything else but its entry by its whole name. */
export function packagesOf({ modules }: Bundle, entry: string): string[] {
  const packageOf = (module: string) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1] ?? module
  return [...new Set(modules.filter((module) => module !== entry).map(packageOf))].sort()
}
