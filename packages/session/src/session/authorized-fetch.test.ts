import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSession } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hour, startTestDomain, type TestDomain } from '../test/test-domain.test-helper.ts'

let domain: TestDomain
let url: string

beforeEach(async () => {
  domain = await startTestDomain()
  url = `${domain.api_endpoint}/v2/user/get`
})

afterEach(async () => {
  await domain.close()
})

const calls = () => domain.emulator.requests.filter(({ path }) => path === '/v2/user/get')
const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"user_id":"user-1"}' }

async function signedIn() {
  const session = domain.oauth()
  const token = await domain.signIn()
  await session.setToken(token)
  return { session, ...token }
}

/** Refreshes the token without the session, which invalidates the session's access token. */
async function refreshElsewhere(refresh_token: string) {
  const { client_id, client_secret = '', redirect_uris } = domain.emulator.app('webserver')
  const form = { grant_type: 'refresh_token', client_id, client_secret, redirect_uri: redirect_uris[0] ?? '' }
  const body = new URLSearchParams({ ...form, refresh_token })
  const response = await fetch(`${domain.api_endpoint}/v2/oauth/token`, { method: 'POST', body })
  return response.json()
}

describe('session.fetch', () => {
  it.each([
    ['a string', () => [url, json]],
    ['a URL', () => [new URL(url), json]],
    ['a Request', () => [new Request(url, { method: 'POST' })]],
    ['a Request and init', () => [new Request(url, { method: 'POST', headers: { 'x-a': 'b' } }), json]],
  ] as [string, () => Parameters<typeof fetch>][])('sends the token with %s', async (_what, args) => {
    const { session } = await signedIn()
    const response = await session.fetch(...(args() as [string]))
    expect(await response.json()).toMatchObject({ user_id: 'user-1' })
  })

  it('works without this, and with a custom fetch', async () => {
    const sent: unknown[] = []
    const customFetch = (async (input: string, init: RequestInit) => {
      sent.push([input, new Headers(init.headers).get('authorization')])
      return new Response('responded')
    }) as typeof fetch
    const { fetch } = createSession({
      key: 'k',
      grant: { obtain: async () => ({ access_token: 'token-of-the-page' }) },
      origins: ['https://app.test'],
      fetch: customFetch,
    })
    expect(await (await fetch('https://app.test/api')).text()).toBe('responded')
    expect(sent).toEqual([['https://app.test/api', 'Bearer token-of-the-page']])
  })

  it('sends the token only to allowed origins', async () => {
    const { session } = await signedIn()
    for (const other of ['https://elsewhere.test/', `http://localhost:${domain.emulator.port}/v2/user/get`]) {
      await expect(session.fetch(other)).rejects.toMatchObject({
        code: 'InvalidParameter',
        message: expect.stringContaining('is not in the option origins of createSession'),
      })
    }
  })

  it('keeps an authorization header of the caller, and does not retry', async () => {
    const { session } = await signedIn()
    const response = await session.fetch(url, {
      ...json,
      headers: { ...json.headers, authorization: 'Bearer x.y' },
    })
    expect(response.status).toBe(401)
    expect(calls()).toHaveLength(1)
    expect(domain.sends()).toBe(0)
  })

  it('retries with the stored token if that is a different one, without a refresh', async () => {
    const { session, refresh_token } = await signedIn()
    const next = await refreshElsewhere(refresh_token)
    // As if another session that shares the store had stored the new token.
    await session.getToken()
    await session.setToken(next)
    const { length } = domain.emulator.requests
    const response = await session.fetch(url, json)
    expect(response.status).toBe(200)
    expect(domain.emulator.requests).toHaveLength(length + 1)
  })

  it('retries rejected requests once, with one new token', async () => {
    const session = domain.jwt()
    const token = await session.getToken()
    await domain.jwt().getToken()
    const body = JSON.stringify({ app_id: 'jwt-app', refresh_token: token.refresh_token })
    const headers = { 'content-type': 'application/json' }
    await fetch(`${domain.api_endpoint}/v2/account/revoke`, { method: 'POST', headers, body })
    const responses = await Promise.all(Array.from({ length: 20 }, () => session.fetch(url, json)))
    for (const response of responses) expect(response.status).toBe(200)
    expect(calls()).toHaveLength(40)
    // One for each of the two sessions, and one for all 20 requests.
    expect(domain.sends()).toBe(3)
  })

  it('sends a request at most twice', async () => {
    const { session } = await signedIn()
    domain.emulator.injectFault({ type: 'status', status: 401, path: '/v2/user/get', times: 99 })
    const response = await session.fetch(url, json)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'AccessTokenInvalid' })
    expect(calls()).toHaveLength(2)
    expect(domain.sends()).toBe(1)
  })

  it.each([
    ['a body of the gateway', { body: 'gateway' }],
    ['an HTML body', { body: 'html' }],
    ['capitalized keys', { body: 'capital', code: 'TokenExpired' }],
  ] as const)('recognizes a rejected token in a response with %s', async (_what, fault) => {
    const { session } = await signedIn()
    domain.emulator.injectFault({ type: 'status', status: 401, path: '/v2/user/get', ...fault })
    expect((await session.fetch(url, json)).status).toBe(200)
  })

  it('limits how much of a 401 response it reads, and frees the connection', async () => {
    let read = 0
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = new Uint8Array(16_384)
        read += chunk.length
        controller.enqueue(chunk)
      },
      cancel: () => release(),
    })
    const responses = [new Response(endless, { status: 401 }), new Response('responded')]
    const tokens = ['token-1', 'token-2']
    const session = createSession({
      key: 'k',
      grant: { obtain: async () => ({ access_token: tokens.shift() ?? '' }) },
      origins: ['https://app.test'],
      fetch: async () => responses.shift() as Response,
    })
    expect(await (await session.fetch('https://app.test/api')).text()).toBe('responded')
    await released
    expect(read).toBeLessThan(200_000)
  })

  it.each([
    [401, 'ShareLinkTokenInvalid'],
    [403, 'Forbidden'],
    [500, 'AccessTokenInvalid'],
  ])('does not retry after status %i %s', async (status, code) => {
    const { session } = await signedIn()
    domain.emulator.injectFault({ type: 'status', status, code, path: '/v2/user/get' })
    const response = await session.fetch(url, json)
    expect([response.status, (await response.json()).code]).toEqual([status, code])
    expect(calls()).toHaveLength(1)
    expect(domain.sends()).toBe(0)
  })

  it('never sends a stream twice', async () => {
    const { session } = await signedIn()
    const stream = new Blob(['{}']).stream()
    const bodies = [stream, new Request(url, { method: 'POST', body: '{}' })]
    for (const body of bodies) {
      domain.emulator.injectFault({ type: 'status', status: 401, path: '/v2/user/get' })
      const init = body === stream ? { ...json, body: stream, duplex: 'half' } : undefined
      const response = await session.fetch(body === stream ? url : (body as Request), init as RequestInit)
      expect(response.status).toBe(401)
    }
    expect(calls()).toHaveLength(2)
    expect(domain.sends()).toBe(0)
  })

  it('sends the request to the URL that it has checked', async () => {
    const { session } = await signedIn()
    const changed = new URL(url)
    const response = session.fetch(changed, json)
    changed.hostname = 'localhost'
    expect((await response).status).toBe(200)
    expect(domain.emulator.requests.at(-1)).toHaveProperty('authorization')
  })

  it('resolves a relative URL of a page as fetch does', async () => {
    const page = globalThis as { document?: object; location?: object }
    page.document = { baseURI: 'https://cdn.test/' }
    page.location = new URL('https://app.test/page')
    const sent: string[] = []
    const customFetch = (async (input: string) => {
      sent.push(input)
      return new Response()
    }) as typeof fetch
    const options = { key: 'k', grant: { obtain: async () => ({ access_token: 'a' }) }, fetch: customFetch }
    await expect(createSession({ ...options, origins: ['https://app.test'] }).fetch('/api')).rejects.toThrow(
      'cdn.test',
    )
    await createSession({ ...options, origins: ['https://cdn.test/'] }).fetch('/api')
    expect(sent).toEqual(['https://cdn.test/api'])
    delete page.document
    delete page.location
  })

  it('does not retry after a 401 of another origin', async () => {
    const elsewhere = createServer((_request, response) => response.writeHead(401).end()).listen(
      0,
      '127.0.0.1',
    )
    await new Promise((resolve) => elsewhere.once('listening', resolve))
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`
    domain.emulator.injectFault({ type: 'redirect', location, path: '/v2/user/get' })
    const { session } = await signedIn()
    expect((await session.fetch(url, json)).status).toBe(401)
    elsewhere.close()
    expect(domain.sends()).toBe(0)
  })

  it('aborts by the signal of init, and ignores the signal of the Request if init.signal is null', async () => {
    const { session } = await signedIn()
    const request = new Request(url, { method: 'POST', signal: AbortSignal.abort() })
    await expect(session.fetch(request)).rejects.toThrow()
    expect((await session.fetch(request, { signal: null })).status).toBe(200)
  })

  it('throws the error of getToken', async () => {
    const session = domain.oauth()
    await expect(session.fetch(url, json)).rejects.toMatchObject({ code: 'LoginRequired', cause: 'no_token' })
    const signal = AbortSignal.abort()
    await expect(session.fetch(url, { ...json, signal })).rejects.toMatchObject({ code: 'Aborted' })
    expect(calls()).toEqual([])
  })

  it('does not send the token to another origin after a redirect', async () => {
    const seen: (string | undefined)[] = []
    const elsewhere = createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.end()
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => elsewhere.once('listening', resolve))
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`
    domain.emulator.injectFault({ type: 'redirect', location, path: '/v2/user/get' })
    const { session } = await signedIn()
    await session.fetch(url, json)
    elsewhere.close()
    expect(seen).toEqual([undefined])
  })
})

describe('a local clock', () => {
  const skewed = (hours: number) => ({ clock: () => domain.emulator.clock.now() + hours * hour })

  it('3 hours fast costs one refresh, and no request fails', async () => {
    const session = domain.oauth({}, skewed(3))
    const token = await domain.signIn()
    await session.setToken(token)
    for (let call = 0; call < 20; call++) {
      expect((await session.fetch(url, json)).status).toBe(200)
      domain.emulator.clock.advance(1000)
    }
    expect(domain.sends()).toBe(1)
    expect(calls().map(({ status }) => status)).toEqual(Array(20).fill(200))
  })

  it('3 hours slow costs one rejected request, until the clock of the service is known', async () => {
    const session = domain.oauth({}, skewed(-3))
    await session.setToken(await domain.signIn())
    for (let token = 0; token < 3; token++) {
      domain.emulator.clock.advance(2 * hour)
      for (let call = 0; call < 5; call++) expect((await session.fetch(url, json)).status).toBe(200)
    }
    expect(calls().filter(({ status }) => status === 401)).toHaveLength(1)
    expect(domain.sends()).toBe(3)
  })

  it.each([-3, 3, -87_600, 87_600])(
    '%i hours wrong costs a JWT application one more request',
    async (hours) => {
      const session = domain.jwt({}, skewed(hours))
      expect((await session.fetch(url, json)).status).toBe(200)
      // The service rejects the time of the first assertion; the second one is signed with the corrected time.
      expect(domain.emulator.requests.map(({ status }) => status)).toEqual([400, 200, 200])
    },
  )

  it('up to 3 hours wrong costs no second token if the grant does not know the clock of the service', async () => {
    const grant = { obtain: () => domain.jwt().getToken() }
    for (const hours of [-3, 0, 3]) {
      const session = domain.oauth({ grant, origins: [domain.api_endpoint], ...skewed(hours) })
      const before = domain.sends()
      for (let call = 0; call < 5; call++) expect((await session.fetch(url, json)).status).toBe(200)
      expect(domain.sends() - before).toBe(1)
    }
  })
})
