import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { Fault, RunningEmulator } from '@pds/emulator'
import { startEmulator } from '@pds/emulator'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ExampleProcess, jwtAppEnvironment } from './example-process.ts'

/* The back ends of the guides, as processes of their own, against the emulator. */

const origin = 'https://app.example.com'
const hours = 3_600_000

describe.each(['express', 'hono'])('the back end with %s', (name) => {
  let emulator: RunningEmulator
  let backEnd: ExampleProcess
  let url: string

  beforeAll(async () => {
    emulator = await startEmulator({ domain_id: 'bj1', users: [{ user_id: 'ann' }, { user_id: 'lin' }] })
    backEnd = new ExampleProcess(`${name}/server.ts`, {
      PORT: '0',
      APP_ORIGIN: origin,
      ...jwtAppEnvironment(emulator),
    })
    url = `http://127.0.0.1:${await backEnd.writes(/listening on port (\d+)/)}`
  })

  afterEach(() => emulator.clearFaults())

  afterAll(async () => {
    await backEnd?.end()
    await emulator?.close()
  })

  /** Posts as the application's page does. */
  function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(url + path, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  }

  /** Signs a user in, and gives the cookie that the browser keeps. */
  async function signIn(user_id: string): Promise<string> {
    const answer = await post('/login', { user_id })
    expect(answer.status).toBe(204)
    const [cookie = '', ...attributes] = (answer.headers.get('set-cookie') ?? '').split('; ')
    expect(attributes).toEqual(['Path=/', 'HttpOnly', 'SameSite=Strict', 'Secure'])
    return cookie
  }

  const getToken = (cookie: string, rejected?: string) => post('/api/pds-token', { rejected }, { cookie })

  const grants = () =>
    emulator.requests.filter(({ path, status }) => path === '/v2/oauth/token' && status === 200).length

  /** The user that the service takes a token for, or the code of its refusal. */
  async function userOf(access_token: string): Promise<string> {
    const headers = { authorization: `Bearer ${access_token}` }
    const answer = await fetch(`${emulator.api_endpoint}/v2/user/get`, { method: 'POST', headers })
    const { user_id, code } = await answer.json()
    return user_id ?? code
  }

  it('gives a page the access token of its user alone', async () => {
    const [ann, lin] = [await signIn('ann'), await signIn('lin')]
    const answer = await getToken(ann)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const token = await answer.json()
    expect(token).toMatchObject({ user_id: 'ann', expires_in: expect.any(Number) })
    expect(token).not.toHaveProperty('refresh_token')
    expect(await userOf(token.access_token)).toBe('ann')
    const { access_token } = await (await getToken(lin)).json()
    expect(await userOf(access_token)).toBe('lin')
  })

  it('obtains one token in place of one that was refused, whoever asks for it', async () => {
    const cookie = await signIn('ann')
    const first = await (await getToken(cookie)).json()
    emulator.clock.advance(2 * hours)
    expect(await userOf(first.access_token)).toBe('AccessTokenInvalid')
    const before = grants()
    const answers = await Promise.all(Array.from({ length: 20 }, () => getToken(cookie, first.access_token)))
    const tokens = await Promise.all(answers.map((answer) => answer.json()))
    const [next = '', ...others] = new Set(tokens.map(({ access_token }) => access_token))
    expect(others).toEqual([])
    expect(await userOf(next)).toBe('ann')
    expect(grants()).toBe(before + 1)
  })

  it('asks for a login where there is none, and after one has ended', async () => {
    const nobody = await getToken('app_login=forged')
    expect([nobody.status, await nobody.json()]).toEqual([401, { code: 'LoginRequired' }])
    const [here, elsewhere] = [await signIn('ann'), await signIn('ann')]
    const { access_token } = await (await getToken(here)).json()
    const answer = await post('/logout', {}, { cookie: here })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('set-cookie')).toContain('Max-Age=0')
    expect(await userOf(access_token)).toBe('AccessTokenInvalid')
    expect((await getToken(here)).status).toBe(401)
    const ended = await getToken(elsewhere)
    expect([ended.status, await ended.json()]).toEqual([401, { code: 'LoginRequired' }])
    expect((await getToken(await signIn('ann'))).status).toBe(200)
  })

  it('takes no request from a page of another site, and none that it cannot read', async () => {
    const cookie = await signIn('ann')
    for (const origin of ['https://evil.example', 'null', '']) {
      const answer = await post('/api/pds-token', {}, { cookie, origin })
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([403, null])
    }
    expect((await post('/login', '{"user_id":')).status).toBe(400)
    expect((await post('/login', { user_id: 7 })).status).toBe(400)
    // On a connection of its own: the back end may break it off rather than read all of that.
    const tooLong = post('/login', { user_id: 'x'.repeat(200_000) }, { connection: 'close' })
    expect((await tooLong).status).toBe(413)
    expect((await post('/login', 'null')).status).toBe(400)
    const charset = { cookie, 'content-type': 'application/json; charset=unknown' }
    for (const answer of [post('/api/pds-token', 'null', { cookie }), post('/api/pds-token', {}, charset)]) {
      expect((await answer).status).toBeLessThan(500)
    }
  })

  const faults: [fault: Fault, status: number, code: string, retryAfter: string | null][] = [
    [{ type: 'throttle', retryAfter: 3600 }, 503, expect.any(String), '5'],
    [{ type: 'status', status: 403, code: 'Forbidden' }, 502, 'Forbidden', null],
    [
      { type: 'status', status: 400, code: 'InvalidParameter.ClientId' },
      502,
      'InvalidParameter.ClientId',
      null,
    ],
    [{ type: 'html' }, 502, 'InvalidResponse', null],
  ]
  it.each(faults)(
    'answers a failure of the service as its own: %j',
    async (fault, status, code, retryAfter) => {
      // It knows the time of the domain, which is another one by now.
      await signIn('lin')
      emulator.injectFault({ ...fault, path: '/v2/oauth/token' })
      const answer = await post('/login', { user_id: 'ann' })
      expect(answer.status).toBe(status)
      const body = await answer.json()
      expect(body).toEqual({ code, reqId: emulator.requests.at(-1)?.requestId })
      expect(answer.headers.get('retry-after')).toBe(retryAfter)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('set-cookie')).toBeNull()
      await backEnd.writes(new RegExp(`code: '${body.code}'[^}]*reqId: '${body.reqId}'`))
    },
  )

  it('answers what is under way when it is asked to end, and takes nothing more', async () => {
    const cookie = await signIn('ann')
    const headers = { origin, cookie, 'content-type': 'application/json', expect: '100-continue' }
    const underWay = httpRequest(`${url}/api/pds-token`, { method: 'POST', headers, agent: false })
    underWay.flushHeaders()
    await once(underWay, 'continue')
    backEnd.send('SIGTERM')
    await backEnd.writes(/shutting down/)
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    underWay.end('{}')
    const [answer] = await once(underWay, 'response')
    expect(answer.statusCode).toBe(200)
    expect(JSON.parse((await answer.setEncoding('utf8').toArray()).join(''))).toHaveProperty('access_token')
    const { code, signal, stderr } = await backEnd.ended()
    expect({ code, signal }).toEqual({ code: 0, signal: null })
    // Of all that it was asked before.
    expect(stderr).toContain('PDSError')
    expect(stderr).not.toMatch(/eyJ|PRIVATE KEY/)
  })
})
