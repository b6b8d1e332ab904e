import type { Bundle } from './bundle.ts'

/** What a bundle may have in it without need. Each is known by what is in its code alone, also when that is minified. */
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
  'kept request': /sessionStorage is full/,
  popup: /PopupBlocked/,
  'popup answer': /MessageChannel|\.ports\b/,
  'JWT refresh': /["'`]refreshJwtToken["'`]/,
  'refusal to sign': /does not run in a browser/,
  signing: /SigningFailed/,
  jose: /ERR_JOSE/,
  session: /was signed out/,
  encryption: /encrypted: a key must/,
  IndexedDB: /indexedDB/,
  'key of the store': /generateKey/,
  SQLite: /BEGIN IMMEDIATE/,
  Redis: /redis\.call/,
  emulator: /this machine only/,
} as const satisfies Record<string, RegExp>

export type PartName = keyof typeof parts

const names = Object.keys(parts) as PartName[]

/** The parts that are in a bundle. */
export function partsOf({ code }: Bundle): PartName[] {
  return names.filter((name) => parts[name].test(code))
}

/** The packages of which something is in a bundle; anything else but its entry by its whole name. */
export function packagesOf({ modules }: Bundle, entry: string): string[] {
  const packageOf = (module: string) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1] ?? module
  return [...new Set(modules.filter((module) => module !== entry).map(packageOf))].sort()
}
