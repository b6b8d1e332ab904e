import { beforeEach, describe, expect, it } from 'vitest'
import {
  authorize,
  claims,
  createEmulatorBeforeEach,
  emulator,
  exchange,
  getCode,
  getJwtToken,
  grantByAssertion,
  postForm,
  redirect_uri,
  refreshJwt,
  refreshOAuth,
  send,
  sign,
  signIn,
} from '../test/emulator-requests.test-helper.ts'

/* Requests that deviate from the vendor's documents, and that clients in production send. */

type Outcome = { status: number; body?: { code?: unknown } }

const last = () => emulator.requests.at(-1)
const publicCode = () => getCode({ client_id: 'native-app' })

const cases: [what: string, deviation: string, code: string, request: () => Promise<Outcome>][] = [
  [
    'a jti of one character',
    'the jti of the assertion is shorter than documented: 1 characters, not 16 to 128',
    'InvalidParameterOutOfRange',
    () => getJwtToken({ jti: 'j' }),
  ],
  [
    'an assertion without typ',
    'the header of the assertion has no typ',
    'InvalidParameterNotMatch',
    async () => grantByAssertion(await sign(claims(), { header: { typ: undefined } })),
  ],
  [
    'a refresh without redirect_uri',
    'redirect_uri is missing, which the page of the vendor requires for a refresh',
    'InvalidParameterMissing',
    async () => {
      const { refresh_token } = await signIn()
      return postForm({
        grant_type: 'refresh_token',
        client_id: 'webserver-app',
        client_secret: 'webserver-app-secret',
        refresh_token: String(refresh_token),
      })
    },
  ],
  [
    'the refresh of an OAuth application at the path of JWT applications',
    'an OAuth application is documented to refresh at /v2/oauth/token',
    'InvalidParameterNotMatch',
    async () => refreshJwt((await signIn()).refresh_token, { app_id: 'webserver-app' }),
  ],
  [
    'a client secret of a public application',
    'a public application sent a client_secret',
    'InvalidParameterNotMatch',
    async () => {
      const code = await publicCode()
      return exchange(code, { client_id: 'native-app', client_secret: 'undefined' })
    },
  ],
  [
    'several scopes in an authorization request',
    'scope is given more than once',
    'InvalidParameterWrongFormat',
    () =>
      send(
        `/v2/oauth/authorize?${new URLSearchParams([
          ['client_id', 'webserver-app'],
          ['redirect_uri', redirect_uri],
          ['response_type', 'code'],
          ['login_type', 'default'],
          ['user_id', 'user-1'],
          ['scope', 'FILE.ALL'],
          ['scope', 'USER.ALL'],
        ])}`,
        {},
      ),
  ],
]

describe('a domain', () => {
  createEmulatorBeforeEach()

  it.each(cases)('accepts %s, and marks it in the log', async (_what, deviation, _code, request) => {
    expect((await request()).status).toBeLessThan(400)
    expect(last()?.deviations).toEqual([deviation])
  })

  it('accepts an authorization request without login_type, and marks it in the log', async () => {
    expect((await authorize({ login_type: '' })).callback?.get('error')).toBe('invalid_request')
    const { client_id } = emulator.app('webserver')
    const query = new URLSearchParams({ client_id, redirect_uri, response_type: 'code', user_id: 'user-1' })
    const { headers } = await send(`/v2/oauth/authorize?${query}`, {})
    expect(headers.get('location')).toContain('code=')
    expect(last()?.deviations).toEqual(['login_type is missing, which is documented as required'])
  })

  it('grants all scopes of a list, in each form', async () => {
    const scopes = async (scope: [string, string][]) => {
      const query = new URLSearchParams([
        ['client_id', 'native-app'],
        ['redirect_uri', redirect_uri],
        ['response_type', 'code'],
        ['login_type', 'default'],
        ['user_id', 'user-1'],
        ...scope,
      ])
      const { headers } = await send(`/v2/oauth/authorize?${query}`, {})
      const code = new URL(headers.get('location') ?? '').searchParams.get('code') ?? ''
      const { body } = await postForm({
        grant_type: 'authorization_code',
        client_id: 'native-app',
        redirect_uri,
        code,
      })
      const [, payload = ''] = String(body.access_token).split('.')
      return JSON.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()).customJson).scope
    }
    const both = ['FILE.ALL', 'USER.ALL']
    expect(await scopes([['scope', 'FILE.ALL,USER.ALL']])).toEqual(both)
    expect(await scopes([['scope', 'FILE.ALL USER.ALL']])).toEqual(both)
    expect(await scopes(both.map((scope) => ['scope', scope]))).toEqual(both)
  })

  it('marks each of several deviations', async () => {
    await grantByAssertion(await sign(claims({ jti: 'short' }), { header: { typ: undefined } }))
    expect(last()?.deviations).toHaveLength(2)
  })

  it('does not mark requests that follow the documents', async () => {
    const token = await signIn()
    await refreshOAuth(token.refresh_token)
    await getJwtToken()
    await refreshJwt((await getJwtToken()).body.refresh_token)
    expect(emulator.requests.filter(({ deviations }) => deviations)).toEqual([])
  })

  it('ignores additional data of any type', async () => {
    const { refresh_token } = (await getJwtToken()).body
    const changes = { addition_data: { any: ['thing', 1] }, device: { id: 1 }, count: 2 }
    expect((await refreshJwt(refresh_token, changes)).status).toBe(200)
    expect(last()).not.toHaveProperty('deviations')
    expect(JSON.stringify(last())).not.toContain('thing')
  })
})

describe('a strict domain', () => {
  createEmulatorBeforeEach({ strict: true })

  it.each(cases)('rejects %s', async (_what, _deviation, code, request) => {
    expect(await request()).toMatchObject({ status: 400, body: { code } })
    expect(last()).not.toHaveProperty('deviations')
  })

  it('rejects an authorization request without login_type', async () => {
    const query = new URLSearchParams({
      client_id: 'native-app',
      redirect_uri,
      response_type: 'code',
      user_id: 'user-1',
    })
    const { headers } = await send(`/v2/oauth/authorize?${query}`, {})
    expect(headers.get('location')).toContain('error=invalid_request')
  })

  it('accepts requests that follow the documents', async () => {
    const token = await signIn()
    expect((await refreshOAuth(token.refresh_token)).status).toBe(200)
    expect((await refreshJwt((await getJwtToken()).body.refresh_token)).status).toBe(200)
  })
})

/*
 * What the vendor's SDK 1.4.0 sent when it was run against a server that records requests: method, path, headers, and the
 * names, the order and the encoding of the parameters.
 */
describe('the requests of the SDK of the vendor', () => {
  const headers = {
    accept: 'application/json, text/plain, */*',
    'pds-js-sdk': '1.4.0',
    'user-agent': 'axios/0.30.3',
  }
  const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
  const json = { ...headers, 'content-type': 'application/json' }
  createEmulatorBeforeEach()

  const post = (path: string, type: Record<string, string>, body: string) =>
    send(path, { method: 'POST', headers: type, body })
  const vendorAssertion = (changes: Record<string, unknown> = {}) =>
    // Its jti is Math.random().toString(36) without the first two characters: 10 to 12 characters.
    sign(claims({ jti: 'igsc5v639x8', auto_create: false, ...changes }))

  beforeEach(() => {
    expect(emulator.requests).toEqual([])
  })

  it('get a user token and a service token', async () => {
    const grant = 'grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer'
    const user = await post(
      '/v2/oauth/token',
      form,
      `${grant}&client_id=jwt-app&assertion=${await vendorAssertion({ auto_create: true })}&subdomain_id=s%201`,
    )
    expect(user).toMatchObject({ status: 200, body: { user_id: 'user-1', subdomain_id: 's 1' } })
    const service = await post(
      '/v2/oauth/token',
      form,
      `${grant}&client_id=jwt-app&assertion=${await vendorAssertion({
        jti: 'f2jgl8dicf',
        sub: 'local',
        sub_type: 'service',
      })}`,
    )
    expect(service).toMatchObject({ status: 200, body: { role: 'superadmin' } })
    const { refresh_token } = service.body
    const refreshed = await post(
      '/v2/account/token',
      json,
      `{"app_id":"jwt-app","refresh_token":"${refresh_token}","grant_type":"refresh_token"}`,
    )
    expect(refreshed.status).toBe(200)
    expect(emulator.requests.map(({ deviations }) => deviations?.length ?? 0)).toEqual([1, 1, 0])
  })

  it('exchange a code and refresh the token', async () => {
    const uri = 'http%3A%2F%2F127.0.0.1%3A3000%2Fcallback'
    const code = emulator.createCode({ client_id: 'webserver-app', redirect_uri })
    const secret = 'client_secret=webserver-app-secret'
    const exchanged = await post(
      '/v2/oauth/token',
      form,
      `client_id=webserver-app&${secret}&redirect_uri=${uri}&code=${code}&grant_type=code`,
    )
    expect(exchanged.status).toBe(200)
    const refreshed = await post(
      '/v2/oauth/token',
      form,
      `client_id=webserver-app&${secret}&redirect_uri=${uri}&refresh_token=${exchanged.body.refresh_token}&grant_type=refresh_token`,
    )
    expect(refreshed.status).toBe(200)
    expect(emulator.requests.some(({ deviations }) => deviations)).toBe(false)
    // A property that is undefined is sent as the word.
    const other = emulator.createCode({ client_id: 'native-app', redirect_uri })
    const native = await post(
      '/v2/oauth/token',
      form,
      `client_id=native-app&client_secret=undefined&redirect_uri=${uri}&code=${other}&grant_type=code`,
    )
    expect(native.status).toBe(200)
  })

  it('call the API with both kinds of tokens', async () => {
    const { access_token } = (await getJwtToken()).body
    const authorization = `Bearer ${access_token}`
    expect((await post('/v2/user/get', { ...json, authorization }, '{}')).status).toBe(200)
    const shared = await post('/v2/share_link/get_share_token', json, '{"share_id":"share-1"}')
    const call = { ...json, authorization, 'x-share-token': String(shared.body.share_token) }
    expect((await post('/v2/user/get', call, '{}')).status).toBe(200)
  })
})
