import { inspect } from 'node:util'
import { createTransport } from '@pds/core'
import { describe, expect, it, vi } from 'vitest'
import { connectTo, createGatedTransport, useDomain } from './started-sign-in.test-helper.ts'

const domain = await useDomain()

describe('a sign-in', () => {
  it('returns the token, and the browser shows a page', async () => {
    const { approve, token, url, redirectUri } = await domain.start()
    expect(redirectUri.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
    expect(url.searchParams.get('code_challenge_method')).toBe('S256')
    const page = await approve()
    expect(page.status).toBe(200)
    expect(page.url.startsWith(`${redirectUri}?`)).toBe(true)
    expect(await page.text()).toContain('You are signed in')
    expect(await token).toMatchObject({ user_name: 'Ann', token_type: 'Bearer' })
    expect(domain.emulator.requests.at(-1)?.params).toHaveProperty('code_verifier')
    expect(await connectTo(redirectUri)).toBe('ECONNREFUSED')
  })

  it('passes parameters to the sign-in page, and options to the token request', async () => {
    const params = { scope: 'file:read', extraParams: { nonce: 'n' }, client_secret: 'the-secret' }
    const beforeRequest = vi.fn()
    const { url, approve, token } = await domain.start({ hooks: { beforeRequest } }, params)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ scope: 'file:read', nonce: 'n' })
    expect(url.href).not.toContain('the-secret')
    await approve()
    await token
    expect(beforeRequest).toHaveBeenCalledOnce()
    expect(domain.emulator.requests.at(-1)?.params).toHaveProperty('client_secret')
  })

  it.each([
    ['http://127.0.0.1:0/callback', /^http:\/\/127\.0\.0\.1:\d+\/callback$/],
    ['http://[::1]/callback', /^http:\/\/\[::1\]:\d+\/callback$/],
    // Without the slash that a URL adds: servers compare strings.
    ['http://127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['http://127.0.0.1/a?b=1', /^http:\/\/127\.0\.0\.1:\d+\/a\?b=1$/],
  ])('sends the redirect URI %s with the port of the server', async (redirect_uri, expected) => {
    const { url, callback, token } = await domain.start({}, { redirect_uri })
    expect(url.searchParams.get('redirect_uri')).toMatch(expected)
    await fetch(callback({ b: '1', error: 'access_denied' }))
    await expect(token).rejects.toMatchObject({ code: 'access_denied' })
  })

  it('returns a token for a redirect URI of IPv6', async () => {
    const { approve, token } = await domain.start({}, { redirect_uri: 'http://[::1]/callback' })
    expect((await approve()).status).toBe(200)
    expect(await token).toMatchObject({ user_name: 'Ann' })
  })

  it('fails with the error of the authorization response', async () => {
    const { callback, token } = await domain.start()
    const denied = callback({ error: 'access_denied', error_description: 'The user denied it.' })
    const [page] = await Promise.all([
      fetch(denied),
      expect(token).rejects.toMatchObject({
        code: 'access_denied',
        message: 'The user denied it.',
        outcome: 'responded',
      }),
    ])
    expect(page.status).toBe(400)
    expect(await page.text()).toMatch(/Sign-in failed.*<bdi>access_denied<\/bdi>/s)
    expect(domain.exchanges()).toBe(0)
  })

  it('fails with the error of the token request, and the page shows its code', async () => {
    domain.emulator.injectFault({
      type: 'status',
      status: 403,
      code: 'Forbidden.<i>"&',
      path: '/v2/oauth/token',
    })
    const { approve, token } = await domain.start()
    const [page, error] = await Promise.all([approve(), token.catch((thrown) => thrown)])
    expect(error).toMatchObject({ status: 403, code: 'Forbidden.<i>"&' })
    const html = await page.text()
    expect(html).toContain('<bdi>Forbidden.&#60;i&#62;&#34;&#38;</bdi>')
    expect(html).toContain(error.reqId)
    expect(page.status).toBe(400)
  })

  it('fails for a callback of another issuer, because its state is right', async () => {
    const { api_endpoint } = domain.emulator
    const transport = createTransport({ api_endpoint, issuer: api_endpoint })
    const { callback, token } = await domain.start({}, {}, transport)
    await Promise.all([
      fetch(callback({ code: 'c', iss: 'https://evil.test' })),
      expect(token).rejects.toMatchObject({ code: 'IssuerMismatch' }),
    ])
  })

  it('runs beside another sign-in', async () => {
    const [first, second] = await Promise.all([domain.start(), domain.start()])
    await second.approve()
    await first.approve()
    expect(await Promise.all([first.token, second.token])).toHaveLength(2)
  })
})

describe('the browser', () => {
  it('gets the URL of the sign-in page, after it was printed', async () => {
    const calls: string[] = []
    const { url, approve, token } = await domain.start({
      onAddress: (address) => calls.push(`printed ${address.url}`),
      openBrowser: (address) => void calls.push(`opened ${address}`),
    })
    await approve()
    await token
    expect(calls).toEqual([`printed ${url}`, `opened ${url}`])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no display')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no display'))],
    ['rejects later', () => ({ closed: Promise.reject(new Error('no display')) })],
  ])('may fail to open: openBrowser %s', async (_how, openBrowser) => {
    const printed: (string | undefined)[] = []
    const { approve, token } = await domain.start({
      onAddress: ({ reason }) => printed.push(reason?.message),
      openBrowser,
    })
    await expect.poll(() => printed).toEqual([undefined, 'no display'])
    await approve()
    expect(await token).toMatchObject({ user_name: 'Ann' })
  })

  it('may fail after the callback, which is not reported', async () => {
    let fail = (_reason: Error) => {}
    const closed = new Promise<void>((_resolve, reject) => {
      fail = reject
    })
    const onAddress = vi.fn()
    const gate = createGatedTransport(domain.emulator)
    const { approve, token } = await domain.start(
      { onAddress, openBrowser: () => ({ closed }) },
      {},
      gate.transport,
    )
    const page = approve()
    await gate.waiting
    fail(new Error('killed'))
    gate.open()
    expect(await token).toMatchObject({ user_name: 'Ann' })
    expect((await page).status).toBe(200)
    expect(onAddress).toHaveBeenCalledOnce()
  })

  it('is not reported with the state or the arguments of its process', async () => {
    const printed: unknown[] = []
    const { url, state, approve, token } = await domain.start({
      onAddress: ({ reason }) => printed.push(reason),
      openBrowser(address) {
        throw Object.assign(new Error(`spawn ${address} ENOENT`), { spawnargs: [address] })
      },
    })
    await expect.poll(() => printed).toHaveLength(2)
    expect(inspect(printed, { depth: 9 })).not.toContain(state)
    expect(url.href).toContain(state)
    await approve()
    await token
  })

  it('ends the sign-in if the user closes it before the callback', async () => {
    const { token, redirectUri } = await domain.start({ openBrowser: () => ({ closed: Promise.resolve() }) })
    await expect(token).rejects.toMatchObject({ code: 'BrowserClosed', outcome: 'not-sent' })
    expect(await connectTo(redirectUri)).toBe('ECONNREFUSED')
  })

  it('may be closed after the callback', async () => {
    const gate = createGatedTransport(domain.emulator)
    let close = () => {}
    const closed = new Promise<void>((resolve) => {
      close = resolve
    })
    const { approve, token } = await domain.start({ openBrowser: () => ({ closed }) }, {}, gate.transport)
    const page = approve()
    await gate.waiting
    close()
    await closed
    gate.open()
    expect(await token).toMatchObject({ user_name: 'Ann' })
    expect((await page).status).toBe(200)
  })

  it('may go away before it has received the page', async () => {
    const gate = createGatedTransport(domain.emulator)
    const { approveOnly, token } = await domain.start({}, {}, gate.transport)
    const callback = await approveOnly()
    const gone = new AbortController()
    const page = fetch(callback, { signal: gone.signal })
    await gate.waiting
    gone.abort()
    await expect(page).rejects.toThrow()
    gate.open()
    expect(await token).toMatchObject({ user_name: 'Ann' })
  })
})
