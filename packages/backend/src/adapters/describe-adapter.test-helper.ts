import { EventEmitter, once } from 'node:events'
import { type Backend, createBackend } from '@pds/backend'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { origin, startTestBackend, type TestBackend, TestBrowser } from '../test/test-backend.test-helper.ts'
import { Connection } from './connection.test-helper.ts'
import type { RunningApp } from './running-app.test-helper.ts'

/* The cases that each adapter passes, over HTTP on loopback and with the framework itself. */

/** A framework with the adapter. `Native` is its request. */
export interface Adapter<Native> {
  /**
   * Starts an application. Each response has the cookie `app=1` and `Vary: accept-language`. `GET /user` responds with the
   * result of `userOf`. An error handler responds with status 500 and `handled` with the code of the error.
   */
  readonly start: (pds: Backend<Native>) => Promise<RunningApp>
  /** Returns the user of a request, which a middleware has read from the header `x-user`. */
  readonly userOf: (native: Native) => string | undefined
  /** The body of the response to an error. Default: `handled InvalidParameter`. */
  readonly errorText?: string
}

/** Returns the user of a session as a text. */
export async function nameOf(session: Awaited<ReturnType<Backend['sessionOf']>>): Promise<string> {
  return (await session?.getToken())?.user_id ?? 'no user'
}

/** Returns a back end that sends each request to a server over HTTP, for `TestBrowser`. */
export function overHttp(url: string): Pick<Backend, 'handle'> {
  return {
    async handle({ url: given, method, headers, body }) {
      const { pathname, search } = new URL(given)
      const init = { method, headers, body, redirect: 'manual', duplex: 'half' } as const
      return fetch(`${url}${pathname}${search}`, init)
    },
  }
}

/** The header lines of a page's request for a token of `ann`. */
const tokenRequest: readonly string[] = [
  'POST /pds/token HTTP/1.1',
  'Host: app.example.com',
  `Origin: ${origin}`,
  'Sec-Fetch-Site: same-origin',
  'Content-Type: application/json',
  'X-User: ann',
]

export function describeAdapter<Native>(name: string, adapter: Adapter<Native>): void {
  describe(`the adapter for ${name}`, () => {
    let domain: TestBackend
    let app: RunningApp | undefined

    beforeEach(async () => {
      domain = await startTestBackend()
    })

    afterEach(async () => {
      await app?.close()
      await domain.close()
    })

    /** Starts an application whose users the header `x-user` names. */
    async function startOwnLogin(
      options?: object,
      track?: (responded: Promise<Response>) => void,
    ): Promise<string> {
      const userOf = (_request: Request, native: Native) => adapter.userOf(native)
      const pds: Backend<Native> = domain.ownLogin({ userOf, ...options } as never)
      const handle: typeof pds.handle = (request, native) => {
        const responded = pds.handle(request, native)
        track?.(responded)
        return responded
      }
      app = await adapter.start({ ...pds, handle })
      return app.url
    }

    const browserOf = (url: string, headers?: Record<string, string>) =>
      new TestBrowser(overHttp(url), headers)

    it('gives a token to the page of the user that userOf finds in the request of the framework', async () => {
      const browser = browserOf(await startOwnLogin(), { 'x-user': 'ann' })
      const response = await browser.post('/pds/token', {})
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
      const { access_token, ...token } = await response.json()
      expect(token).toMatchObject({ user_id: 'ann', token_type: 'Bearer' })
      const renewed = await (await browser.post('/pds/token', { rejected: access_token })).json()
      expect(renewed.access_token).not.toBe(access_token)
      expect(domain.errors).toEqual([])
    })

    it('signs the user out with a request without a body', async () => {
      const browser = browserOf(await startOwnLogin(), { 'x-user': 'ann' })
      expect((await browser.post('/pds/token')).status).toBe(200)
      const response = await browser.post('/pds/sign-out')
      expect([response.status, await response.text()]).toEqual([204, ''])
      expect((await browser.post('/pds/token')).status).toBe(401)
    })

    it('signs a user in at PDS, and keeps the cookies of the application', async () => {
      app = await adapter.start(domain.signIn())
      const browser = browserOf(app.url)
      const response = await browser.signIn('/pds/sign-in?returnTo=/photos')
      expect([response.status, response.headers.get('location')]).toEqual([303, '/photos'])
      const names = response.headers.getSetCookie().map((cookie) => cookie.replace(/=.*/, ''))
      expect(names.sort()).toEqual(['__Host-pds', '__Host-pds-sign-in', 'app'])
      expect(await (await browser.post('/pds/token')).json()).toMatchObject({ user_id: 'user-1' })
      const cookie = [...browser.cookies].map(([cookie, value]) => `${cookie}=${value}`).join('; ')
      const user = await fetch(`${app.url}/user`, { headers: { cookie } })
      expect(await user.text()).toBe('user-1')
    })

    it('finds the session of a request in another route', async () => {
      const url = await startOwnLogin()
      expect(await (await fetch(`${url}/user`, { headers: { 'x-user': 'ann' } })).text()).toBe('ann')
      expect(await (await fetch(`${url}/user`)).text()).toBe('no user')
    })

    it.each([
      ['content-length: 1048576', 'x'.repeat(65_536), 'x'.repeat(1_048_576 - 65_536)],
      [
        'transfer-encoding: chunked',
        `100000\r\n${'x'.repeat(65_536)}`,
        `${'x'.repeat(983_040)}\r\n0\r\n\r\n`,
      ],
    ])(
      'responds before a long body ends, and then closes the connection or responds to its next request: %s',
      async (header, start, rest) => {
        const connection = await Connection.open(await startOwnLogin())
        connection.send([...tokenRequest, header], start)
        expect(await connection.receive()).toBe(413)
        connection.sendBody(rest)
        connection.send([...tokenRequest, 'Content-Length: 2'], '{}')
        expect([200, 'closed']).toContain(await connection.receive())
        connection.destroy()
        expect(domain.errors).toEqual([])
      },
    )

    it('reports no error if a client goes away', async () => {
      const responses: Promise<Response>[] = []
      const requests = new EventEmitter()
      const url = await startOwnLogin({}, (responded) => {
        responses.push(responded)
        requests.emit('request')
      })
      const connection = await Connection.open(url)
      connection.send([...tokenRequest, 'Content-Length: 100'], '{"rejected":')
      if (responses.length === 0) await once(requests, 'request')
      connection.destroy()
      await Promise.all(responses)
      expect(domain.errors).toEqual([])
      expect((await browserOf(url, { 'x-user': 'ann' }).post('/pds/token')).status).toBe(200)
    })

    it('responds with 404 to other paths', async () => {
      const browser = browserOf(await startOwnLogin(), { 'x-user': 'ann' })
      const response = await browser.post('/pds/tokens')
      expect([response.status, await response.json()]).toEqual([404, { code: 'NotFound' }])
    })

    it('responds only to the methods of a route, and to preflight requests of named origins', async () => {
      const other = 'https://other.example.com'
      const url = await startOwnLogin({ origins: [other] })
      const send = (method: string, headers: Record<string, string>) =>
        fetch(`${url}/pds/token`, { method, headers })
      const preflight = await send('OPTIONS', { origin: other, 'sec-fetch-site': 'cross-site' })
      expect(preflight.status).toBe(204)
      expect(preflight.headers.get('access-control-allow-origin')).toBe(other)
      expect(preflight.headers.get('vary')?.split(', ').sort()).toEqual(['accept-language', 'origin'])
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
        const response = await send(method, { origin })
        expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'POST'])
      }
    })

    it.each(['TRACE /pds/token', 'POST http://[/pds/token', 'POST //evil.example/pds/token'])(
      'rejects a request that no browser sends: %s',
      async (line) => {
        const connection = await Connection.open(await startOwnLogin())
        connection.send([`${line} HTTP/1.1`, ...tokenRequest.slice(1), 'Content-Length: 0'])
        const status = await connection.receive()
        connection.destroy()
        expect([400, 404, 405]).toContain(status)
        expect(domain.errors).toEqual([])
      },
    )

    it('passes invalid options to the error handler of the framework', async () => {
      const pds = createBackend<Native>(() => ({ sessions: domain.jwtSessions() }) as never)
      app = await adapter.start(pds)
      const response = await browserOf(app.url).post('/pds/token')
      expect([response.status, await response.text()]).toEqual([
        500,
        adapter.errorText ?? 'handled InvalidParameter',
      ])
    })
  })
}
