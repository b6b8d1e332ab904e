import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import type { Fault, RunningEmulator } from '@pds/emulator'
import { startEmulator } from '@pds/emulator'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ExampleProcess, examples, jwtAppEnvironment } from './example-process.ts'

/* Runs the back ends of the guides as separate processes, against the emulator. */

const origin = 'https://app.example.com'
const hours = 3_600_000

it('the code for PDS has at most 15 lines', () => {
  const lines = readFileSync(`${examples}/back-end/pds.ts`, 'utf8').split('\n')
  expect(lines.filter((line) => !/^(\/\/.*)?$/.test(line)).length).toBeLessThanOrEqual(15)
})

describe.each(['express', 'hono', 'fastify'])('the back end with %s', (name) => {
  let emulator: RunningEmulator
  let backEnd: ExampleProcess
  let earlierCookie: string
  let url: string

  beforeAll(async () => {
    emulator = await startEmulator({ domain_id: 'bj1', users: [{ user_id: 'ann' }, { user_id: 'lin' }] })
    backEnd = new ExampleProcess(`${name}/server.ts`, {
      PORT: '0',
      APP_ORIGIN: origin,
      ...jwtAppEnvironment(emulator),
    })
    url = `http://127.0.0.1:${await backEnd.waitForOutput(/listening on port (\d+)/)}`
  })

  afterEach(() => emulator.clearFaults())

  afterAll(async () => {
    await backEnd?.stop()
    await emulator?.close()
  })

  /** Sends a POST request like the page of the application. */
  function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(url + path, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  }

  /** Signs a user in and returns the cookie that the browser stores. */
  async function signIn(user_id: string): Promise<string> {
    const response = await post('/login', { user_id })
    expect(response.status).toBe(204)
    const [cookie = '', ...attributes] = (response.headers.get('set-cookie') ?? '').split('; ')
    expect(attributes).toEqual(['Path=/', 'HttpOnly', 'SameSite=Strict', 'Secure'])
    return cookie
  }

  const getToken = (cookie: string, rejected?: string) => post('/pds/token', { rejected }, { cookie })

  const grants = () =>
    emulator.requests.filter(({ path, status }) => path === '/v2/oauth/token' && status === 200).length

  /** Returns the user id to which the service maps an access token, or the error code if the token is rejected. */
  async function userOf(access_token: string): Promise<string> {
    const headers = { authorization: `Bearer ${access_token}` }
    const response = await fetch(`${emulator.api_endpoint}/v2/user/get`, { method: 'POST', headers })
    const { user_id, code } = await response.json()
    return user_id ?? code
  }

  it('returns only the access token of the user to a page', async () => {
    const [ann, lin] = [await signIn('ann'), await signIn('lin')]
    const response = await getToken(ann)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const token = await response.json()
    expect(token).toMatchObject({ user_id: 'ann', expires_in: expect.any(Number) })
    expect(token).not.toHaveProperty('refresh_token')
    expect(await userOf(token.access_token)).toBe('ann')
    const { access_token } = await (await getToken(lin)).json()
    expect(await userOf(access_token)).toBe('lin')
  })

  it('replaces a rejected token once for 20 concurrent requests', async () => {
    const cookie = await signIn('ann')
    const first = await (await getToken(cookie)).json()
    emulator.clock.advance(2 * hours)
    expect(await userOf(first.access_token)).toBe('AccessTokenInvalid')
    const before = grants()
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => getToken(cookie, first.access_token)),
    )
    const tokens = await Promise.all(responses.map((response) => response.json()))
    const [next = '', ...others] = new Set(tokens.map(({ access_token }) => access_token))
    expect(others).toEqual([])
    expect(await userOf(next)).toBe('ann')
    expect(grants()).toBe(before + 1)
  })

  it('requires a login without a valid cookie and after a logout with another cookie of the user', async () => {
    const unknown = await getToken('app_login=forged')
    expect([unknown.status, await unknown.json()]).toEqual([401, { code: 'LoginRequired' }])
    const [cookie, otherCookie] = [await signIn('ann'), await signIn('ann')]
    const { access_token } = await (await getToken(cookie)).json()
    expect((await post('/pds/sign-out', {}, { cookie })).status).toBe(204)
    expect(await userOf(access_token)).toBe('AccessTokenInvalid')
    const logout = await post('/logout', {}, { cookie })
    expect([logout.status, logout.headers.get('set-cookie')]).toEqual([
      204,
      expect.stringContaining('Max-Age=0'),
    ])
    expect((await getToken(cookie)).status).toBe(401)
    const afterLogout = await getToken(otherCookie)
    expect([afterLogout.status, await afterLogout.json()]).toEqual([401, { code: 'LoginRequired' }])
    expect((await getToken(await signIn('ann'))).status).toBe(200)
  })

  it('rejects requests from pages of other sites and returns no server error for an invalid body', async () => {
    const cookie = await signIn('ann')
    for (const origin of ['https://evil.example', 'null', '']) {
      const response = await post('/pds/token', {}, { cookie, origin })
      expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([403, null])
    }
    expect((await post('/login', '{"user_id":')).status).toBe(400)
    expect((await post('/login', { user_id: 7 })).status).toBe(400)
    // Use a separate connection: the back end may close it instead of reading the whole body.
    const tooLong = post('/login', { user_id: 'x'.repeat(200_000) }, { connection: 'close' })
    expect((await tooLong).status).toBe(413)
    expect((await post('/login', 'null')).status).toBe(400)
    const charset = { cookie, 'content-type': 'application/json; charset=unknown' }
    for (const response of [post('/pds/token', 'null', { cookie }), post('/pds/token', {}, charset)]) {
      expect((await response).status).toBeLessThan(500)
    }
  })

  const faults: [fault: Fault, status: number, code: string, retryAfter: string | null][] = [
    [{ type: 'status', status: 403, code: 'Forbidden' }, 502, 'Forbidden', null],
    [
      { type: 'status', status: 400, code: 'InvalidParameter.ClientId' },
      502,
      'InvalidParameter.ClientId',
      null,
    ],
    [{ type: 'html' }, 502, 'InvalidResponse', null],
    // The last one: the back end sends no token request for an hour.
    [{ type: 'throttle', retryAfter: 3600 }, 503, expect.any(String), '3600'],
  ]
  it.each(faults)(
    'maps a failure of the service to its own error response: %j',
    async (fault, status, code, retryAfter) => {
      earlierCookie = await signIn('lin')
      // A page can force one renewal of a session in 30 seconds.
      const cookie = await signIn(`user of ${JSON.stringify(fault)}`)
      const { access_token } = await (await getToken(cookie)).json()
      emulator.injectFault({ ...fault, path: '/v2/oauth/token' })
      const response = await getToken(cookie, access_token)
      expect(response.status).toBe(status)
      const body = await response.json()
      expect(body).toEqual({ code, reqId: emulator.requests.at(-1)?.requestId })
      expect(response.headers.get('retry-after')).toBe(retryAfter)
      expect(response.headers.get('cache-control')).toBe('no-store')
      await backEnd.waitForOutput(new RegExp(`code: '${body.code}'[^}]*reqId: '${body.reqId}'`))
    },
  )

  it('signs no user in while the service throttles requests', async () => {
    const sent = emulator.requests.length
    const response = await post('/login', { user_id: 'new' })
    expect([response.status, response.headers.get('set-cookie')]).toEqual([503, null])
    await backEnd.waitForOutput(/code: 'Throttled'/)
    expect(emulator.requests).toHaveLength(sent)
  })

  it('completes the pending request on SIGTERM and accepts no new connections', async () => {
    const cookie = earlierCookie
    const headers = { origin, cookie, 'content-type': 'application/json', expect: '100-continue' }
    const pending = httpRequest(`${url}/pds/token`, { method: 'POST', headers, agent: false })
    pending.flushHeaders()
    await once(pending, 'continue')
    backEnd.kill('SIGTERM')
    await backEnd.waitForOutput(/shutting down/)
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    pending.end('{}')
    const [response] = await once(pending, 'response')
    expect(response.statusCode).toBe(200)
    expect(JSON.parse((await response.setEncoding('utf8').toArray()).join(''))).toHaveProperty('access_token')
    const { code, signal, stderr } = await backEnd.waitForExit()
    expect({ code, signal }).toEqual({ code: 0, signal: null })
    // The output contains the errors of all earlier tests.
    expect(stderr).toContain('PDSError')
    expect(stderr).not.toMatch(/eyJ|PRIVATE KEY/)
  })
})
