/** Scripts of the folder `cold`, by their names: what they show, and of which packages they consist. */
export const scripts = {
  core: one('@pds/core'),
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

/** A script of ours, and those beside which it stands. */
export interface ColdRow {
  ours: ScriptName
  peers: readonly ScriptName[]
  /** What cannot be beaten is ky, and jose where something is signed. */
  limit: ScriptName
  /** Whether they can get a token, too. */
  hasToken: boolean
}

const signing = {
  peers: ['axios-and-jsonwebtoken', 'google-auth-library', 'openid-client-and-jose'],
  limit: 'ky-and-jose',
} as const
const refreshing = { peers: ['oauth4webapi', 'openid-client', 'simple-oauth2'], limit: 'ky' } as const
const keeping = { peers: ['google-auth-library', 'msal-node'], limit: 'ky' } as const

export const coldRows: readonly ColdRow[] = [
  { ours: 'core', peers: ['axios'], limit: 'ky', hasToken: false },
  { ours: 'auth-jwt', ...signing, hasToken: true },
  { ours: 'client', ...signing, hasToken: true },
  { ours: 'auth-oauth', ...refreshing, hasToken: true },
  { ours: 'session', ...keeping, hasToken: true },
  { ours: 'session-sqlite', ...keeping, hasToken: true },
  // Its token would be that of a server.
  { ours: 'session-redis', ...keeping, hasToken: false },
]

function one(name: string, ...others: readonly string[]) {
  return { name, packages: [name, ...others] }
}
