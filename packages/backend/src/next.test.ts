import { type Backend, createBackend } from '@pds/backend'
import { nextHandlers } from '@pds/backend/next'
import { HeadersAdapter } from 'next/dist/server/web/spec-extension/adapters/headers.js'
import { NextRequest } from 'next/server.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { origin, startTestBackend, type TestBackend, TestBrowser } from './test/test-backend.test-helper.ts'

/* The handlers with the requests of Next.js. A server of Next.js runs them in the tests of the packed packages. */

let domain: TestBackend

beforeEach(async () => {
  domain = await startTestBackend()
})

afterEach(() => domain.close())

/** Returns a browser whose requests go through the handlers. `removed` is what Next.js removes from their paths. */
function browse(handlers: ReturnType<typeof nextHandlers>, pds: Backend, removed = ''): TestBrowser {
  const handle = (request: Request) => {
    const url = request.url.replace(`${origin}${removed}`, 'http://localhost:3000')
    return handlers[request.method as keyof typeof handlers](new NextRequest(url, request))
  }
  return new TestBrowser({ ...pds, handle })
}

/** Returns what `headers()` of Next.js returns. */
const headersOf = ({ cookies }: TestBrowser) =>
  HeadersAdapter.seal(
    HeadersAdapter.from({ cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
  )

describe('the handlers of Next.js', () => {
  it('sign a user in, give a page tokens, and sign the user out', async () => {
    const pds = domain.signIn()
    const browser = browse(nextHandlers(pds), pds)
    const response = await browser.signIn('/pds/sign-in?returnTo=/photos')
    expect([response.status, response.headers.get('location')]).toEqual([303, '/photos'])
    const { access_token } = await (await browser.post('/pds/token')).json()
    const renewed = await (await browser.post('/pds/token', { rejected: access_token })).json()
    expect(renewed).toMatchObject({ user_id: 'user-1', access_token: expect.any(String) })
    expect(renewed.access_token).not.toBe(access_token)
    expect((await browser.post('/pds/sign-out')).status).toBe(204)
    expect((await browser.post('/pds/token')).status).toBe(401)
    expect(domain.errors).toEqual([])
  })

  it('give server components the session of headers()', async () => {
    const pds = domain.signIn()
    const browser = browse(nextHandlers(pds), pds)
    expect(await pds.sessionOf(headersOf(browser))).toBeUndefined()
    await browser.signIn()
    const session = await pds.sessionOf(headersOf(browser))
    expect(await session?.status()).toMatchObject({ status: 'ok', user: { id: 'user-1' } })
  })

  it('allow a named origin in the response to a preflight', async () => {
    const { OPTIONS } = nextHandlers(domain.ownLogin({ origins: ['https://other.example.com'] }))
    const headers = { origin: 'https://other.example.com', 'access-control-request-method': 'POST' }
    const response = await OPTIONS(new NextRequest(`${origin}/pds/token`, { method: 'OPTIONS', headers }))
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://other.example.com')
  })

  it('add the basePath of next.config to the path of each request', async () => {
    const redirect_uri = `${origin}/shop/pds/callback`
    const shop = await startTestBackend(redirect_uri)
    const pds = shop.signIn({ basePath: '/shop/pds' })
    const browser = browse(nextHandlers(pds, { basePath: '/shop' }), pds, '/shop')
    expect((await browser.signIn('/shop/pds/sign-in')).status).toBe(303)
    const { access_token } = await (await browser.post('/shop/pds/token')).json()
    const renewed = await browser.post('/shop/pds/token', { rejected: access_token })
    expect((await renewed.json()).access_token).not.toBe(access_token)
    expect((await browser.post('/shop/pds/sign-out')).status).toBe(204)
    await shop.close()
  })

  it('need no settings until the first request', async () => {
    let isConfigured = false
    const pds = createBackend(() => {
      if (!isConfigured) throw new Error('a variable is missing')
      return { sessions: domain.jwtSessions(), userOf: () => 'ann' }
    })
    const { POST } = nextHandlers(pds)
    const request = () =>
      new NextRequest(`${origin}/pds/token`, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } })
    await expect(POST(request())).rejects.toThrow('a variable is missing')
    isConfigured = true
    expect((await POST(request())).status).toBe(200)
  })

  it.each([
    [{ basePath: 'shop' }, 'basePath'],
    [{ basePath: '/' }, 'basePath'],
    [{ basepath: '/shop' }, 'did you mean basePath'],
  ])('reject the options %j', (options, message) => {
    expect(() => nextHandlers(domain.ownLogin(), options as object)).toThrow(message)
  })
})
