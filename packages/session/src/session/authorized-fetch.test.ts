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

/** Kills the access token of a session without its knowledge. */
async function refreshElsewhere(refresh_token: string) {
  const { client_id, client_secret = '', redirect_uris } = domain.emulator.app('webserver')
  const form = { grant_type: 'refresh_token', client_id, client_secret, redirect_uri: redirect_uris[0] ?? '' }
  const body = new URLSearchParams({ ...form, refresh_token })
  const scripted = await fetch(`${domain.api_endpoint}/v2/oauth/token`, { method: 'POST', body })
  return scripted.json()
}

describe('session.fetch', () => {
  it.each([
    ['an address', () => [url, json]],
    ['a URL', () => [new URL(url), json]],
    ['a Request', () => [new Request(url, { method: 'POST' })]],
    ['a Request and options', () => [new Request(url, { method: 'POST', headers: { 'x-a': 'b' } }), json]],
  ] as [string, () => Parameters<typeof fetch>][])('sends the token with %s', async (_what, args) => {
    const { session } = await signedIn()
    const scripted = await session.fetch(...(args() as [string]))
    expect(await scripted.json()).toMatchObject({ user_id: 'user-1' })
  })

  it('needs no this, and takes a fetch of your own', async () => {
    const sent: unknown[] = []
    const own = (async (input: string, init: RequestInit) => {
      sent.push([input, new Headers(init.headers).get('authorization')])
      return new Response('responded')
    }) as typeof fetch
    const { fetch } = createSession({
      key: 'k',
      grant: { obtain: async () => ({ access_token: 'token-of-the-page' }) },
      origins: ['https://app.test'],
      fetch: own,
    })
    expect(await (await fetch('https://app.test/api')).text()).toBe('responded')
    expect(sent).toEqual([['https://app.test/api', 'Bearer token-of-the-page']])
  })

  it('sends the token to no other origin', async () => {
    const { session } = await signedIn()
    for (const address of [
      'https://elsewhere.test/',
      `http://localhost:${domain.emulator.port}/v2/user/get`,
    ]) {
      await expect(session.fetch(address)).rejects.toMatchObject({
        code: 'InvalidParameter',
        message: expect.stringContaining('name that in the option origins of createSession'),
      })
    }
  })

  it('keeps an authorization of the call, and sends it once', async () => {
    const { session } = await signedIn()
    const scripted = await session.fetch(url, {
      ...json,
      headers: { ...json.headers, authorization: 'Bearer x.y' },
    })
    expect(scripted.status).toBe(401)
    expect(calls()).toHaveLength(1)
    expect(domain.sends()).toBe(0)
  })

  it('repeats a call with the token that is stored by now, without a refresh', async () => {
    const { session, refresh_token } = await signedIn()
    const next = await refreshElsewhere(refresh_token)
    // Another session of the same store, so to say.
    await session.getToken()
    await session.setToken(next)
    const { length } = domain.emulator.requests
    const scripted = await session.fetch(url, json)
    expect(scripted.status).toBe(200)
    expect(domain.emulator.requests).toHaveLength(length + 1)
  })

  it('repeats a call that was refused once, with a new token', async () => {
    const session = domain.jwt()
    const token = await session.getToken()
    await domain.jwt().getToken()
    const body = JSON.stringify({ app_id: 'jwt-app', refresh_token: token.refresh_token })
    const headers = { 'content-type': 'application/json' }
    await fetch(`${domain.api_endpoint}/v2/account/revoke`, { method: 'POST', headers, body })
    const answers = await Promise.all(Array.from({ length: 20 }, () => session.fetch(url, json)))
    for (const scripted of answers) expect(scripted.status).toBe(200)
    expect(calls()).toHaveLength(40)
    // One of each session, and one for all 20 calls.
    expect(domain.sends()).toBe(3)
  })

  it('sends a call twice at the most, to a server that refuses everything', async () => {
    const { session } = await signedIn()
    domain.emulator.injectFault({ type: 'status', status: 401, path: '/v2/user/get', times: 99 })
    const scripted = await session.fetch(url, json)
    expect(scripted.status).toBe(401)
    expect(await scripted.json()).toMatchObject({ code: 'AccessTokenInvalid' })
    expect(calls()).toHaveLength(2)
    expect(domain.sends()).toBe(1)
  })

  it.each([
    ['the gateway', { body: 'gateway' }],
    ['HTML', { body: 'html' }],
    ['capital keys', { body: 'capital', code: 'TokenExpired' }],
  ] as const)('understands a rejection by %s', async (_what, fault) => {
    const { session } = await signedIn()
    domain.emulator.injectFault({ type: 'status', status: 401, path: '/v2/user/get', ...fault })
    expect((await session.fetch(url, json)).status).toBe(200)
  })

  it('reads no more of a rejection than one is long, and lets go of its connection', async () => {
    let read = 0
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = new Uint8Array(16_384)
        read += piece.length
        controller.enqueue(piece)
      },
      cancel: () => release(),
    })
    const answers = [new Response(endless, { status: 401 }), new Response('responded')]
    const tokens = ['token-1', 'token-2']
    const session = createSession({
      key: 'k',
      grant: { obtain: async () => ({ access_token: tokens.shift() ?? '' }) },
      origins: ['https://app.test'],
      fetch: async () => answers.shift() as Response,
    })
    expect(await (await session.fetch('https://app.test/api')).text()).toBe('responded')
    await released
    expect(read).toBeLessThan(200_000)
  })

  it.each([
    [401, 'ShareLinkTokenInvalid'],
    [403, 'Forbidden'],
    [500, 'AccessTokenInvalid'],
  ])('does not repeat a call for status %i %s', async (status, code) => {
    const { session } = await signedIn()
    domain.emulator.injectFault({ type: 'status', status, code, path: '/v2/user/get' })
    const scripted = await session.fetch(url, json)
    expect([scripted.status, (await scripted.json()).code]).toEqual([status, code])
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
      const scripted = await session.fetch(body === stream ? url : (body as Request), init as RequestInit)
      expect(scripted.status).toBe(401)
    }
    expect(calls()).toHaveLength(2)
    expect(domain.sends()).toBe(0)
  })

  it('sends to the address that it has checked', async () => {
    const { session } = await signedIn()
    const address = new URL(url)
    const scripted = session.fetch(address, json)
    address.hostname = 'localhost'
    expect((await scripted).status).toBe(200)
    expect(domain.emulator.requests.at(-1)).toHaveProperty('authorization')
  })

  it('reads the address of a page as fetch does', async () => {
    const page = globalThis as { document?: object; location?: object }
    page.document = { baseURI: 'https://cdn.test/' }
    page.location = new URL('https://app.test/page')
    const sent: string[] = []
    const own = (async (input: string) => {
      sent.push(input)
      return new Response()
    }) as typeof fetch
    const options = { key: 'k', grant: { obtain: async () => ({ access_token: 'a' }) }, fetch: own }
    await expect(createSession({ ...options, origins: ['https://app.test'] }).fetch('/api')).rejects.toThrow(
      'cdn.test',
    )
    await createSession({ ...options, origins: ['https://cdn.test/'] }).fetch('/api')
    expect(sent).toEqual(['https://cdn.test/api'])
    delete page.document
    delete page.location
  })

  it('takes no rejection of another origin for one of its token', async () => {
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

  it('ends with the signal of the call, and not with that of the request where the call says null', async () => {
    const { session } = await signedIn()
    const request = new Request(url, { method: 'POST', signal: AbortSignal.abort() })
    await expect(session.fetch(request)).rejects.toThrow()
    expect((await session.fetch(request, { signal: null })).status).toBe(200)
  })

  it('throws what keeps it from a token', async () => {
    const session = domain.oauth()
    await expect(session.fetch(url, json)).rejects.toMatchObject({ code: 'LoginRequired', cause: 'no_token' })
    const signal = AbortSignal.abort()
    await expect(session.fetch(url, { ...json, signal })).rejects.toMatchObject({ code: 'Aborted' })
    expect(calls()).toEqual([])
  })

  it('follows no redirect with the token to another origin', async () => {
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

describe('a wrong clock', () => {
  const skewed = (hours: number) => ({ clock: () => domain.emulator.clock.now() + hours * hour })

  it('that is 3 hours fast costs one refresh, and no call', async () => {
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

  it('that is 3 hours slow costs one refused call for each token, until the clock of the service is known', async () => {
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
    'of a JWT application, %i hours off, costs one more request',
    async (hours) => {
      const session = domain.jwt({}, skewed(hours))
      expect((await session.fetch(url, json)).status).toBe(200)
      // Refused for its time, then signed again.
      expect(domain.emulator.requests.map(({ status }) => status)).toEqual([400, 200, 200])
    },
  )

  it('of a grant that does not know the service is as good as it can be', async () => {
    const grant = { obtain: () => domain.jwt().getToken() }
    for (const hours of [-3, 0, 3]) {
      const session = domain.oauth({ grant, origins: [domain.api_endpoint], ...skewed(hours) })
      const before = domain.sends()
      for (let call = 0; call < 5; call++) expect((await session.fetch(url, json)).status).toBe(200)
      expect(domain.sends() - before).toBe(1)
    }
  })
})
