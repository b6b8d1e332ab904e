/** The scripts of the folder `scripts` by their names, with their names in the report and their packages. */
export const scripts = {
  core: one('@pds/core'),
  'core-fetch': { name: '@pds/core/fetch', packages: ['@pds/core'] },
  'auth-jwt': one('@pds/auth-jwt', '@pds/core'),
  'auth-oauth': one('@pds/auth-oauth', '@pds/core'),
  client: one('@pds/client'),
  session: one('@pds/session'),
  'session-sqlite': one('@pds/session-sqlite', '@pds/session'),
  'session-redis': one('@pds/session-redis'),
  axios: one('axios'),
  'axios-and-jsonwebtoken': { name: 'axios + jsonwebtoken', packages: ['axios', 'jsonwebtoken'] },
  'google-auth-library': one('google-auth-library'),
  'msal-node': one('@azure/msal-node'),
  oauth4webapi: one('oauth4webapi'),
  'openid-client': one('openid-client'),
  'openid-client-and-jose': { name: 'openid-client + jose', packages: ['openid-client', 'jose'] },
  'simple-oauth2': one('simple-oauth2'),
  ky: one('ky'),
  'ky-and-jose': { name: 'ky + jose/jwt/sign', packages: ['ky', 'jose'] },
} satisfies Record<string, { name: string; packages: readonly string[] }>

export type ScriptName = keyof typeof scripts

/** A script with our packages, and the scripts to compare it with. */
export interface ColdStartRow {
  ours: ScriptName
  others: readonly ScriptName[]
  /** The script with only the necessary packages: ky, and jose for signing. */
  baseline: ScriptName
  /** Whether the scripts can also get a token. */
  hasToken: boolean
  /** The target: how many times as long as ours the import of the baseline takes, at least. */
  minRatio?: number
}

const signing = {
  others: ['axios-and-jsonwebtoken', 'google-auth-library', 'openid-client-and-jose'],
  baseline: 'ky-and-jose',
} as const
const refreshing = { others: ['oauth4webapi', 'openid-client', 'simple-oauth2'], baseline: 'ky' } as const
const sessions = { others: ['google-auth-library', 'msal-node'], baseline: 'ky' } as const

export const coldStartRows: readonly ColdStartRow[] = [
  { ours: 'core', others: ['axios'], baseline: 'ky', hasToken: false },
  { ours: 'core-fetch', others: ['axios', 'oauth4webapi'], baseline: 'ky', hasToken: false, minRatio: 3 },
  { ours: 'auth-jwt', ...signing, hasToken: true, minRatio: 1 / 1.15 },
  { ours: 'client', ...signing, hasToken: true },
  { ours: 'auth-oauth', ...refreshing, hasToken: true },
  { ours: 'session', ...sessions, hasToken: true },
  { ours: 'session-sqlite', ...sessions, hasToken: true },
  // Its first token would need a Redis server.
  { ours: 'session-redis', ...sessions, hasToken: false },
]

function one(name: string, ...others: readonly string[]) {
  return { name, packages: [name, ...others] }
}
