import { describe, expect, it } from 'vitest'
import {
  createEmulatorBeforeEach,
  emulator,
  exchange,
  getCode,
  getJwtToken,
  getUser,
  redirect_uri,
  refreshOAuth,
  send,
  signIn,
} from '../test/emulator-requests.test-helper.ts'

/* What the domain offers to clients of any OAuth 2.0 server. */

createEmulatorBeforeEach({
  apps: [
    { type: 'jwt', client_id: 'jwt-app' },
    {
      type: 'webserver',
      client_id: 'webserver-app',
      client_secret: 'webserver-app-secret',
      redirect_uris: [redirect_uri],
    },
    { type: 'webserver', client_id: 'a b:c', client_secret: 's:e%c+r é', redirect_uris: [redirect_uri] },
    { type: 'native', client_id: 'native-app', redirect_uris: [redirect_uri] },
  ],
})

const formEncode = (text: string) => String(new URLSearchParams({ v: text })).slice(2)
const basic = (id: string, secret: string) => `Basic ${btoa(`${formEncode(id)}:${formEncode(secret)}`)}`

const post = (path: string, authorization: string | undefined, form: Record<string, string>) =>
  send(path, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: authorization === undefined ? {} : { authorization },
  })

describe('client credentials in the Authorization header', () => {
  const exchangeWith = async (authorization: string, client_id: string, more: Record<string, string> = {}) =>
    post('/v2/oauth/token', authorization, {
      grant_type: 'authorization_code',
      redirect_uri,
      code: await getCode({ client_id }),
      ...more,
    })

  it.each([
    ['webserver-app', 'webserver-app-secret'],
    ['a b:c', 's:e%c+r é'],
    ['native-app', ''],
  ])('are accepted for %j', async (id, secret) => {
    const { status, body } = await exchangeWith(basic(id, secret), id)
    expect(status).toBe(200)
    const refreshed = await post('/v2/oauth/token', basic(id, secret), {
      grant_type: 'refresh_token',
      refresh_token: String(body.refresh_token),
    })
    expect(refreshed.status).toBe(200)
  })

  it.each([
    ['a wrong secret', basic('webserver-app', 'wrong'), {}],
    ['an unknown application', basic('unknown', 'webserver-app-secret'), {}],
    ['a missing secret', basic('webserver-app', ''), {}],
    ['text that is not form-encoded', `Basic ${btoa('webserver-app:%')}`, {}],
    ['text that is not base64', 'Basic a', {}],
    [
      'another client_id in the body',
      basic('webserver-app', 'webserver-app-secret'),
      { client_id: 'native-app' },
    ],
    [
      'a secret in the body',
      basic('webserver-app', 'webserver-app-secret'),
      { client_secret: 'webserver-app-secret' },
    ],
  ])('are rejected with status 401 for %s', async (_what, authorization, more) => {
    const { status, headers, body } = await exchangeWith(authorization, 'webserver-app', more)
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Basic realm="PDS emulator"'])
    expect(body.code).toMatch(/^InvalidParameter/)
  })

  it('do not change the status of other errors', async () => {
    const { status, headers } = await exchangeWith(
      basic('webserver-app', 'webserver-app-secret'),
      'webserver-app',
      {
        code: 'unknown',
      },
    )
    expect([status, headers.get('www-authenticate')]).toEqual([400, null])
  })

  it('are redacted in the log', async () => {
    const authorization = basic('webserver-app', 'webserver-app-secret')
    await exchangeWith(authorization, 'webserver-app')
    const log = JSON.stringify(emulator.requests)
    expect(log).not.toContain('webserver-app-secret')
    expect(log).not.toContain(authorization.slice('Basic '.length))
    expect(emulator.requests.at(-1)?.authorization).toMatch(/^Basic \*{3}/)
  })
})

describe('token revocation', () => {
  const revoke = (token: unknown, form: Record<string, string> = {}, client_id = 'webserver-app') =>
    post(
      '/v2/oauth/revoke',
      client_id === 'webserver-app' ? basic(client_id, 'webserver-app-secret') : undefined,
      { token: String(token), ...(client_id !== 'webserver-app' && { client_id }), ...form },
    )

  it.each(['access_token', 'refresh_token'])('ends the sign-in of an %s', async (name) => {
    const token = await signIn()
    const other = await signIn()
    const { status, body } = await revoke(token[name], { token_type_hint: name })
    expect([status, body]).toEqual([200, {}])
    expect((await getUser(token.access_token)).status).toBe(401)
    expect((await refreshOAuth(token.refresh_token)).status).toBe(400)
    expect((await getUser(other.access_token)).status).toBe(200)
    expect(emulator.requests.find(({ path }) => path === '/v2/oauth/revoke')).toMatchObject({
      user_id: 'user-1',
      rotated: { access_token: { old: expect.any(String) } },
    })
  })

  it('ignores invalid tokens', async () => {
    const token = await signIn()
    const next = (await refreshOAuth(token.refresh_token)).body
    for (const invalid of ['unknown', token.access_token, token.refresh_token]) {
      expect((await revoke(invalid)).status).toBe(200)
    }
    expect((await getUser(next.access_token)).status).toBe(200)
    emulator.clock.advance(2 * 3_600_000)
    expect((await revoke(next.access_token)).status).toBe(200)
    expect((await refreshOAuth(next.refresh_token)).status).toBe(200)
  })

  it('needs the credentials of the application that the token was issued to', async () => {
    const token = await signIn()
    expect((await revoke(token.access_token, {}, 'native-app')).body.code).toBe('InvalidParameterNotMatch')
    expect((await post('/v2/oauth/revoke', undefined, { token: 'x' })).body.code).toBe(
      'InvalidParameterMissing',
    )
    const { refresh_token } = (await getJwtToken()).body
    expect((await revoke(refresh_token, {}, 'jwt-app')).body.code).toBe('InvalidParameterNotMatch')
    expect((await getUser(token.access_token)).status).toBe(200)
  })
})

it.each(['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'])(
  'sends metadata at %s, with endpoints that work',
  async (path) => {
    const { status, body, headers } = await send(path, { headers: { origin: 'http://page.test' } })
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, '*'])
    expect(body).toMatchObject({
      issuer: 'http://domain.test',
      authorization_endpoint: 'http://domain.test/v2/oauth/authorize',
      code_challenge_methods_supported: ['S256'],
    })
    for (const name of ['token_endpoint', 'revocation_endpoint']) {
      const { pathname } = new URL(String(body[name]))
      expect((await post(pathname, undefined, {})).body.code, name).toBe('InvalidParameterMissing')
    }
    expect(emulator.requests[0]).toMatchObject({ path, response: { issuer: 'http://domain.test' } })
  },
)

it('exchanges a code with credentials in the body, too', async () => {
  expect((await exchange(await getCode())).status).toBe(200)
})
