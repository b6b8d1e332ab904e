import type { Bundle } from './bundle.ts'

/**
 * Parts that a bundle may contain without need. Each pattern matches only the code of its part, even if it is
 * minified.
 */
const parts = {
  transport: /\/oauth\/authorize/,
  ky: /ForceRetryError/,
  'authorize URL': /code_challenge/,
  callback: /StateMismatch/,
  'code exchange': /authorization_code/,
  refresh: /["'`]refreshToken["'`]/,
  revocation: /\/account\/revoke/,
  redirect: /location\.assign/,
  'return to the page': /SignInNotBegun/,
  'pending request': /sessionStorage is full/,
  popup: /PopupBlocked/,
  'popup callback': /pds\.sign-in\./,
  'JWT refresh': /["'`]refreshJwtToken["'`]/,
  'signing error': /does not run in a browser/,
  signing: /SigningFailed/,
  jose: /ERR_JOSE/,
  session: /was signed out/,
  'conditional store': /writes in a row had a conflict/,
  encryption: /encryptedStore: a key must/,
  IndexedDB: /indexedDB/,
  'key of the store': /generateKey/,
  SQLite: /BEGIN IMMEDIATE/,
  Redis: /redis\.call/,
  PostgreSQL: /pg_notify/,
  emulator: /this machine only/,
  'back end': /createBackend/,
  'grant of a back end': /the back end is unreachable/,
} as const satisfies Record<string, RegExp>

export type PartName = keyof typeof parts

const names = Object.keys(parts) as PartName[]

/** Returns the parts that a bundle contains. */
export function partsOf({ code }: Bundle): PartName[] {
  return names.filter((name) => parts[name].test(code))
}

/** Returns the packages whose code a bundle contains. Other modules, except for the entry, keep their whole names. */
export function packagesOf({ modules }: Bundle, entry: string): string[] {
  const packageOf = (module: string) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1] ?? module
  return [...new Set(modules.filter((module) => module !== entry).map(packageOf))].sort()
}
