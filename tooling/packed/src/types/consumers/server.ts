/* A back end as a user of the packages would write it. It is compiled, but does not run. */
import { createHash, createPrivateKey, randomBytes, sign } from 'node:crypto'
import { getServiceJwtToken, getUserJwtToken, jwtGrant, refreshJwtToken, signAssertion } from '@pds/auth-jwt'
import { signInWithBrowser } from '@pds/auth-loopback'
import {
  createAuthorizationUrl,
  getTokenByCode,
  oauthGrant,
  parseCallback,
  revokeToken,
} from '@pds/auth-oauth'
import { isPDSError, PDSClient } from '@pds/client'
import { createTransport, type PDSHooks, type PDSTransport } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import {
  createSession,
  createSessions,
  encryptedStore,
  memoryStore,
  type Session,
  type Sessions,
  type Store,
} from '@pds/session'
import { storeTests } from '@pds/session/testing'
import { keychainKey } from '@pds/session-keychain'
import { type PostgresQuery, postgresStore } from '@pds/session-postgres'
import { type RedisClient, redisStore } from '@pds/session-redis'
import { type SqliteStore, sqliteStore } from '@pds/session-sqlite'
import type { Grant, IGetUserJwtTokenReq, ITokenInfo, Signer } from '@pds/types'

const hooks: PDSHooks = { afterResponse: ({ status, duration }) => void [status + 1, duration + 1] }
const transport: PDSTransport = createTransport({
  api_endpoint: 'https://bj1.api.aliyunpds.com',
  fetch,
  hooks,
  timeout: 5000,
})

const app = { domain_id: 'bj1', client_id: 'jwt-app' }
const signer: Signer = async (data) => sign('sha256', createHash('sha256').update(data).digest(), 'key')
const withPem: IGetUserJwtTokenReq = {
  ...app,
  user_id: 'user-1',
  private_key_pem: 'pem',
  passphrase: 'secret',
}
const withKey: IGetUserJwtTokenReq = { ...app, user_id: 'user-1', private_key: createPrivateKey('pem') }

/** Obtains tokens of a JWT application with each kind of key. */
export async function jwtTokens(signal: AbortSignal): Promise<ITokenInfo[]> {
  const key = await crypto.subtle.importKey(
    'pkcs8',
    new Uint8Array(9),
    { name: 'RSASSA-PKCS1-v1_5' },
    false,
    ['sign'],
  )
  const token = await getUserJwtToken(transport, withPem, { signal, headers: { 'x-request': '1' } })
  const { data, status } = await getUserJwtToken(transport, withKey, { returnResponse: true })
  const service = await getServiceJwtToken(transport, { ...app, private_key: key })
  const { refresh_token } = data
  if (refresh_token === undefined || status !== 200) return [token, service]
  const assertion: string = await signAssertion(transport, { sub_type: 'service', ...app, signer })
  return [token, service, await refreshJwtToken(transport, { client_id: assertion, refresh_token })]
}

/** Completes a sign-in on a web server. */
export async function signIn(request: Request): Promise<string> {
  const webApp = {
    client_id: 'web-app',
    client_secret: 'secret',
    redirect_uri: 'https://app.example/callback',
  }
  const authorization = await createAuthorizationUrl(transport, webApp)
  const fromRequest = parseCallback(request, authorization)
  const fromUrl = parseCallback(new URL(request.url), authorization)
  const token = await getTokenByCode(transport, { ...webApp, ...fromRequest, ...fromUrl })
  await revokeToken(transport, { ...webApp, refresh_token: token.refresh_token ?? '' })
  return token.access_token
}

/** Opens sessions in each store. */
export async function sessions(redis: RedisClient, query: PostgresQuery): Promise<Session[]> {
  const sqlite: SqliteStore = sqliteStore({ path: 'sessions.db' })
  const stores: Store[] = [
    memoryStore(),
    encryptedStore(sqlite, randomBytes(32)),
    redisStore({ client: redis, prefix: 'app', expireAfter: 2_592_000_000 }),
    postgresStore({ query, table: 'sessions', expireAfter: 2_592_000_000 }),
  ]
  const own: Grant = { obtain: ({ signal }) => jwtTokens(signal).then(([token]) => token ?? never()) }
  const grants = [
    own,
    jwtGrant({ transport, ...withPem }),
    oauthGrant({ transport, client_id: 'a', redirect_uri: 'b' }),
  ]
  const all = stores.flatMap((store) => grants.map((grant) => createSession({ key: 'user-1', grant, store })))
  for (const session of all) {
    const stop: () => void = session.subscribe(
      'refreshed',
      ({ by, expire_time }) => void [by === 'this', expire_time],
    )
    stop()
    const user: unknown = await (await session.fetch('https://bj1.api.aliyunpds.com/v2/user/get')).json()
    if (user === undefined) session.close()
  }
  return all
}

/** Uses a pool of sessions. */
export async function pool(signal: AbortSignal): Promise<number> {
  const users: Sessions = createSessions({
    grant: (user_id) => jwtGrant({ transport, ...withPem, user_id }),
    max: 100,
    concurrency: 4,
  })
  users.subscribe('refreshed', ({ key, by }) => void [key.length, by === 'this'])
  const session: Session = users.get('user-1')
  await session.getAccessToken({ signal })
  const onProgress = ({ key, error }: { key: string; error?: Error | undefined }) =>
    void [key, error?.message]
  const { renewed, failed } = await users.warm(new Set(['user-1']), { within: 1000, signal, onProgress })
  let signedIn = renewed - failed - users.stats().evicted
  for await (const { state } of users.entries()) if (state.status === 'ok') signedIn++
  await users.close()
  return signedIn
}

/** Uses the class of the vendor's SDK with a domain on this machine. */
export async function client(): Promise<string> {
  const emulator: RunningEmulator = await startEmulator({
    port: 0,
    users: [{ user_id: 'user-1', role: 'admin' }],
  })
  const pds = new PDSClient({
    api_endpoint: emulator.api_endpoint,
    session: createSession({ key: 'me', grant: {} }),
  })
  emulator.injectFault({ type: 'drop', when: 'after' })
  try {
    const { user_name } = await pds.postAPI<{ user_name: string }>('/user/get', { user_id: 'user-1' })
    const shared = memoryStore()
    for (const { name, run } of storeTests(() => shared)) await run().catch(() => name)
    return user_name
  } catch (error) {
    return isPDSError(error) && error.outcome === 'unknown' ? error.code : never()
  } finally {
    await emulator.close()
  }
}

function never(): never {
  throw new Error('unreachable')
}

/** Signs the user of a desktop application in, and keeps the token encrypted. */
export async function desktopSession(signal: AbortSignal): Promise<Session> {
  const key: Uint8Array = await keychainKey('com.example.drive', { fallback: 'file' })
  const store = encryptedStore(sqliteStore({ path: 'sessions.db' }), key)
  const grant = oauthGrant({ transport, client_id: 'native-app' })
  const session = createSession({ key: 'me', grant, store })
  const params = { client_id: 'native-app', redirect_uri: 'http://127.0.0.1/callback' }
  await session.setToken(await signInWithBrowser(transport, params, { signal, timeout: 60_000, ports: [0] }))
  return session
}
