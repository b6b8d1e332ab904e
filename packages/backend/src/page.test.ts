import { createBackend } from '@pds/backend'
import { backendGrant } from '@pds/backend/page'
import { createSession, createSessions } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { origin, startTestBackend, type TestBackend, TestBrowser } from './test/test-backend.test-helper.ts'

/* The fetch of these pages calls the back end without a server; the tests of the adapters and the demo have servers. */

let domain: TestBackend

beforeEach(async () => {
  domain = await startTestBackend()
})

afterEach(() => domain.close())

/** Opens a session of a page whose requests a browser sends. */
function openPage(browser: TestBrowser, seen: RequestInit[] = []) {
  const send = async (url: string | URL | Request, init: RequestInit = {}) => {
    seen.push(init)
    init.signal?.throwIfAborted()
    return browser.post(String(url), init.body ?? undefined)
  }
  return createSession({ key: 'me', grant: backendGrant({ fetch: send }) })
}

const revocations = () => domain.emulator.requests.filter(({ path }) => path === '/v2/account/revoke').length

describe('backendGrant', () => {
  it('gets the token of the signed-in user', async () => {
    const browser = new TestBrowser(domain.signIn())
    await browser.signIn()
    const seen: RequestInit[] = []
    const session = openPage(browser, seen)
    const token = await session.getToken()
    expect(token).toMatchObject({ user_id: 'user-1', token_type: 'Bearer' })
    expect(token.refresh_token).toBeUndefined()
    expect(session.state).toMatchObject({ status: 'ok', user: { id: 'user-1' } })
    expect(seen).toMatchObject([
      { method: 'POST', credentials: 'include', cache: 'no-store', redirect: 'error' },
    ])
  })

  it('gets another token for a rejected one', async () => {
    const browser = new TestBrowser(domain.signIn())
    await browser.signIn()
    const session = openPage(browser)
    const rejected = await session.getAccessToken()
    expect(await session.getAccessToken({ rejected })).not.toBe(rejected)
  })

  it('requires a login while no user is signed in, and gets a token after the sign-in', async () => {
    const browser = new TestBrowser(domain.signIn())
    const session = openPage(browser)
    await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired' })
    expect(session.state.status).toBe('login_required')
    await browser.signIn()
    expect(await session.getToken()).toMatchObject({ user_id: 'user-1' })
    expect(session.state.status).toBe('ok')
  })

  it('signs the user out at the back end', async () => {
    const browser = new TestBrowser(domain.signIn())
    await browser.signIn()
    const session = openPage(browser)
    await session.getToken()
    expect(await session.signOut()).toEqual({ revoked: true })
    expect(browser.cookies.size).toBe(0)
    expect(revocations()).toBe(1)
    expect(session.state.status).toBe('signed_out')
  })

  it('reports a sign-out that failed', async () => {
    const session = createSession({
      key: 'me',
      grant: backendGrant({ fetch: () => Promise.reject(new TypeError('Failed to fetch')) }),
    })
    const errors: unknown[] = []
    session.subscribe('error', ({ error }) => errors.push(error))
    expect(await session.signOut()).toEqual({ revoked: false })
    expect(errors).toMatchObject([{ code: 'NetworkError', message: 'the back end is unreachable' }])
  })

  it.each([
    [503, { 'retry-after': '7' }, '{"code":"Throttled","reqId":"r-1"}', 'Throttled'],
    [500, {}, '{"code":"InternalError"}', 'InternalError'],
    [502, {}, '<html>', 'InvalidResponse'],
    [404, {}, '', 'InvalidResponse'],
    [500, {}, 'null', 'InvalidResponse'],
    [500, {}, '{"code":5}', 'InvalidResponse'],
  ])('throws the error of the back end: %i %j %s', async (status, headers, body, code) => {
    const send = async () => new Response(body, { status, headers: headers as Record<string, string> })
    const context = { signal: new AbortController().signal, timeout: 1000 }
    const error = await Promise.resolve(backendGrant({ fetch: send }).obtain?.(context)).catch(
      (error) => error,
    )
    expect(error).toMatchObject({ name: 'PDSError', code, status, outcome: 'responded' })
    expect(error.retryAt !== undefined).toBe(status === 503)
    if (status === 503) expect(error.reqId).toBe('r-1')
  })

  it('throws NetworkError if the back end is unreachable, and Timeout if it is slow', async () => {
    const unreachable = backendGrant({ fetch: () => Promise.reject(new TypeError('Failed to fetch')) })
    await expect(createSession({ key: 'me', grant: unreachable }).getToken()).rejects.toMatchObject({
      code: 'NetworkError',
    })
    const slow = backendGrant({
      fetch: (_url, init) =>
        new Promise((_resolve, reject) =>
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
        ),
    })
    const session = createSession({ key: 'me', grant: slow, requestTimeout: 20 })
    await expect(session.getToken()).rejects.toMatchObject({ code: 'Timeout' })
  })

  it.each([
    [{ url: '/api/drive/' }, ['/api/drive/token', '/api/drive/sign-out']],
    [
      { url: 'https://api.example.com/pds' },
      ['https://api.example.com/pds/token', 'https://api.example.com/pds/sign-out'],
    ],
    [{}, ['/pds/token', '/pds/sign-out']],
  ])('sends the requests below the URL: %j', async (options, expected) => {
    const urls: string[] = []
    const kept: (boolean | undefined)[] = []
    const send = async (url: string | URL | Request, init: RequestInit = {}) => {
      urls.push(String(url))
      kept.push(init.keepalive)
      return Response.json({ access_token: 'a', expires_in: 60 })
    }
    const session = createSession({ key: 'me', grant: backendGrant({ ...options, fetch: send }) })
    await session.getToken()
    await session.signOut()
    expect(urls).toEqual(expected)
    // Only the sign-out is completed after the page has left.
    expect(kept).toEqual([undefined, true])
  })

  it('uses the global fetch at the time of the request', async () => {
    const grant = backendGrant({ url: `${origin}/pds` })
    const { fetch } = globalThis
    globalThis.fetch = async () => Response.json({ access_token: 'late', expires_in: 60 })
    try {
      expect(await createSession({ key: 'me', grant }).getAccessToken()).toBe('late')
    } finally {
      globalThis.fetch = fetch
    }
  })

  it('works with a back end that has its own login', async () => {
    const sessions = createSessions({
      grant: () => ({ obtain: () => ({ access_token: 'a', expires_in: 60 }) }),
    })
    const session = openPage(new TestBrowser(createBackend({ sessions, userOf: () => 'ann' })))
    expect(await session.getAccessToken()).toBe('a')
  })
})
