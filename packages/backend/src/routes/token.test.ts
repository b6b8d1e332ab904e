import { createSessions } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { origin, startTestBackend, type TestBackend, TestBrowser } from '../test/test-backend.test-helper.ts'

const path = '/v2/oauth/token'
const hour = 3_600_000

let domain: TestBackend

beforeEach(async () => {
  domain = await startTestBackend()
})

afterEach(() => domain.close())

const ann = (pds = domain.ownLogin()) => new TestBrowser(pds, { 'x-user': 'ann' })
const problem = async (response: Response) => ({ status: response.status, body: await response.json() })
const requests = () => domain.emulator.requests.filter((request) => request.path === path).length

describe('the token route', () => {
  it('responds with the access token, its times and the user', async () => {
    const response = await ann().post('/pds/token')
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toEqual({
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'referrer-policy': 'no-referrer',
    })
    const token = await response.json()
    expect(token).toMatchObject({
      token_type: 'Bearer',
      expires_in: expect.closeTo(7200, -1),
      expire_time: new Date(domain.clock() + 2 * hour).toISOString().replace('.000', ''),
      user_id: 'ann',
      role: 'user',
    })
    const used = await fetch(`${domain.emulator.api_endpoint}/v2/user/get`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.access_token}` },
    })
    expect(used.status).toBe(200)
  })

  it('never responds with a refresh token, nor with fields that it does not know', async () => {
    const grant = () => ({
      obtain: () => ({
        access_token: 'a',
        refresh_token: 'r-e-f-r-e-s-h',
        expires_in: 60,
        id_token: 'an id token',
        refreshToken: 'r-e-f-r-e-s-h',
      }),
    })
    const response = await ann(domain.ownLogin({ sessions: createSessions({ grant }) })).post('/pds/token')
    const text = await response.text()
    expect(text).not.toMatch(/r-e-f|refresh|id_token|an id/)
    expect(Object.keys(JSON.parse(text)).sort()).toEqual(['access_token', 'expire_time', 'expires_in'])
  })

  it('gives all tabs of a user the same token, and other users others', async () => {
    const pds = domain.ownLogin()
    const tokens = await Promise.all(
      ['ann', 'ann', 'ann', 'bob'].map(async (user) => {
        const response = await new TestBrowser(pds, { 'x-user': user }).post('/pds/token')
        return (await response.json()).access_token
      }),
    )
    expect(new Set(tokens.slice(0, 3)).size).toBe(1)
    expect(tokens[3]).not.toBe(tokens[0])
    expect(requests()).toBe(2)
  })

  it('renews an expired token', async () => {
    const browser = ann()
    const { access_token } = await (await browser.post('/pds/token')).json()
    domain.emulator.clock.advance(2 * hour)
    const next = await (await browser.post('/pds/token')).json()
    expect(next).toMatchObject({ expires_in: expect.closeTo(7200, -1) })
    expect(next.access_token).not.toBe(access_token)
  })

  it('requires a login', async () => {
    const browser = new TestBrowser(domain.ownLogin())
    expect(await problem(await browser.post('/pds/token'))).toEqual({
      status: 401,
      body: { code: 'LoginRequired' },
    })
    expect(domain.errors).toEqual([])
  })

  it('requires a login after a sign-out', async () => {
    const sessions = domain.jwtSessions()
    const browser = ann(domain.ownLogin({ sessions }))
    await browser.post('/pds/token')
    await browser.post('/pds/sign-out')
    expect(await problem(await browser.post('/pds/token'))).toEqual({
      status: 401,
      body: { code: 'LoginRequired' },
    })
    await sessions.signIn('ann')
    expect((await browser.post('/pds/token')).status).toBe(200)
  })
})

describe('a rejected token', () => {
  it('is renewed', async () => {
    const browser = ann()
    const { access_token } = await (await browser.post('/pds/token', {})).json()
    const next = await (await browser.post('/pds/token', { rejected: access_token })).json()
    expect(next.access_token).not.toBe(access_token)
    expect(requests()).toBe(2)
  })

  it('is renewed once for all tabs that report it', async () => {
    const pds = domain.ownLogin()
    const { access_token: rejected } = await (await ann(pds).post('/pds/token')).json()
    const responses = await Promise.all(
      Array.from({ length: 6 }, () => ann(pds).post('/pds/token', { rejected })),
    )
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 200))
    const tokens = await Promise.all(responses.map(async (each) => (await each.json()).access_token))
    expect(new Set(tokens).size).toBe(1)
    expect(tokens[0]).not.toBe(rejected)
    expect(requests()).toBe(2)
  })

  it('that was replaced since costs no renewal', async () => {
    const browser = ann()
    const { access_token: rejected } = await (await browser.post('/pds/token')).json()
    const next = await (await browser.post('/pds/token', { rejected })).json()
    const again = await (await browser.post('/pds/token', { rejected })).json()
    expect(again.access_token).toBe(next.access_token)
    expect((await browser.post('/pds/token', { rejected: 'unknown' })).status).toBe(200)
    expect(requests()).toBe(2)
  })

  it('forces at most one renewal per session in 30 seconds', async () => {
    const pds = domain.ownLogin()
    const browser = ann(pds)
    const renew = async () => {
      const { access_token: rejected } = await (await browser.post('/pds/token')).json()
      return browser.post('/pds/token', { rejected })
    }
    expect((await renew()).status).toBe(200)
    const second = await renew()
    expect(second.headers.get('retry-after')).toBe('30')
    expect(await problem(second)).toEqual({ status: 429, body: { code: 'Throttled' } })
    domain.emulator.clock.advance(29_000)
    expect((await renew()).headers.get('retry-after')).toBe('1')
    expect(requests()).toBe(2)
    // The token is still given out, and other users are not affected.
    expect((await browser.post('/pds/token')).status).toBe(200)
    const bob = new TestBrowser(pds, { 'x-user': 'bob' })
    const { access_token: rejected } = await (await bob.post('/pds/token')).json()
    expect((await bob.post('/pds/token', { rejected })).status).toBe(200)
    domain.emulator.clock.advance(1000)
    expect((await renew()).status).toBe(200)
  })

  it('whose renewal failed sends nothing more until the session tries again', async () => {
    const browser = ann()
    const { access_token: rejected } = await (await browser.post('/pds/token')).json()
    domain.emulator.injectFault({ type: 'status', status: 500, path, times: 9 })
    expect((await browser.post('/pds/token', { rejected })).status).toBe(502)
    const sent = requests()
    expect((await browser.post('/pds/token', { rejected })).status).toBe(502)
    expect(requests()).toBe(sent)
  })
})

describe('a service token', () => {
  it.each([
    ['by the role of the response', { access_token: 'a', role: 'superadmin' }],
    [
      'by the role in the token',
      {
        access_token: `e30.${Buffer.from('{"customJson":"{\\"role\\":\\"superadmin\\"}"}').toString('base64url')}.s`,
      },
    ],
  ])('is never given to a page: recognized %s', async (_by, token) => {
    const sessions = createSessions({ grant: () => ({ obtain: () => ({ ...token, expires_in: 60 }) }) })
    const response = await ann(domain.ownLogin({ sessions })).post('/pds/token')
    const text = await response.text()
    expect([response.status, text]).toEqual([403, '{"code":"ServiceToken"}'])
  })

  it('of the service is recognized', async () => {
    const { private_key_pem } = domain.emulator.app('jwt')
    const { jwtGrant } = await import('@pds/auth-jwt')
    const { transport } = domain
    const { domain_id } = domain.emulator
    const sessions = createSessions({
      grant: () =>
        jwtGrant({ transport, domain_id, client_id: 'jwt-app', private_key_pem, sub_type: 'service' }),
    })
    const browser = ann(domain.ownLogin({ sessions }))
    expect((await browser.post('/pds/token')).status).toBe(403)
    expect(requests()).toBe(1)
  })
})

describe('the body', () => {
  it.each([
    ['not JSON', '{', 400, 'InvalidParameter'],
    ['an array', '[]', 400, 'InvalidParameter'],
    ['null', 'null', 400, 'InvalidParameter'],
    ['with a number as rejected', '{"rejected":1}', 400, 'InvalidParameter'],
    ['of 1 MiB', JSON.stringify({ rejected: 'a'.repeat(1_048_576) }), 413, 'BodyTooLarge'],
    ['of 17 KiB', JSON.stringify({ rejected: 'a'.repeat(17_000) }), 413, 'BodyTooLarge'],
  ])('%s is rejected', async (_name, body, status, code) => {
    expect(await problem(await ann().post('/pds/token', body))).toEqual({ status, body: { code } })
    expect(requests()).toBe(0)
  })

  it('that says it is short is read up to the limit only', async () => {
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1024
        controller.enqueue(new Uint8Array(1024).fill(97))
      },
    })
    const request = new Request(`${origin}/pds/token`, {
      method: 'POST',
      headers: { origin, 'sec-fetch-site': 'same-origin', 'x-user': 'ann' },
      body,
      ...{ duplex: 'half' },
    })
    expect((await domain.ownLogin().handle(request)).status).toBe(413)
    expect(sent).toBeLessThan(40_000)
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])(
    'with the type %j is rejected: pages of other sites can send it',
    async (type) => {
      const response = await ann().post('/pds/token', '{}', { 'content-type': type })
      expect(await problem(response)).toEqual({ status: 415, body: { code: 'UnsupportedMediaType' } })
    },
  )

  it.each(['{}', '{"rejected":null}', ''])('%j is accepted', async (body) => {
    const type = { 'content-type': 'application/json; charset=utf-8' }
    expect((await ann().post('/pds/token', body, type)).status).toBe(200)
  })
})

describe('an error of the service', () => {
  it.each([
    [{ type: 'throttle', retryAfter: 7 }, 503],
    [{ type: 'status', status: 503 }, 503],
    [{ type: 'status', status: 500 }, 502],
    [{ type: 'status', status: 400 }, 502],
    [{ type: 'drop' }, 502],
  ])('%j becomes the status %i', async (fault, status) => {
    domain.emulator.injectFault({ ...fault, path, times: 9 } as never)
    const response = await ann().post('/pds/token')
    expect(response.status).toBe(status)
    expect(Object.keys(await response.json())).not.toContain('message')
    expect(response.headers.has('retry-after')).toBe(status === 503)
    expect(domain.errors).toHaveLength(1)
  })
})
