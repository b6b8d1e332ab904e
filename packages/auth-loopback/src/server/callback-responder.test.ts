import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, vi } from 'vitest'
import { createGatedTransport, type StartedSignIn, useDomain } from '../started-sign-in.test-helper.ts'

const domain = await useDomain()

/** Sends the lines of a request to the server of a sign-in. Returns the response. */
async function sendRaw({ redirectUri }: StartedSignIn, ...lines: string[]): Promise<string> {
  const socket = connect(Number(redirectUri.port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(lines.join('\r\n'))
  return text(socket).catch(() => 'reset')
}

/** Completes a sign-in. Every test does this at its end, because the wait must have continued. */
async function complete({ approve, token }: StartedSignIn): Promise<void> {
  expect((await approve()).status).toBe(200)
  expect(await token).toMatchObject({ user_name: 'Ann' })
  expect(domain.exchanges()).toBe(1)
}

describe('a forged callback', () => {
  it.each([
    ['without parameters', '', 'StateMissing'],
    ['with a code only', '?code=forged', 'StateMissing'],
    ['with an error only', '?error=access_denied', 'StateMissing'],
    ['with an empty state', '?code=forged&state=', 'StateMissing'],
    ['with a wrong state', '?code=forged&state=forged', 'StateMismatch'],
    ['with an error and a wrong state', '?error=access_denied&state=forged', 'StateMismatch'],
    ['with markup', '?code=%3Cscript%3E&state=%3Cscript%3Ealert(1)%3C/script%3E', 'StateMismatch'],
    ['with two states', '?code=forged&state=STATE&state=STATE', 'StateRepeated'],
    ['with damaged escapes', '?code=%ff%&state=%E0%A4%A', 'StateMismatch'],
  ])('%s is ignored', async (_how, search, code) => {
    const signIn = await domain.start()
    const { redirectUri, state } = signIn
    const page = await fetch(redirectUri.href + search.replaceAll('STATE', state))
    const html = await page.text()
    expect([page.status, html]).toEqual([
      400,
      expect.stringContaining('This page belongs to another sign-in'),
    ])
    expect(html).toContain(`<bdi>${code}</bdi>`)
    expect(html).not.toContain('alert(')
    await complete(signIn)
  })
})

describe('a request', () => {
  it.each(['/', '/callback/', '/Callback', '/callback%2F', '/favicon.ico', '/x/../callback2'])(
    'to the path %s gets status 404',
    async (path) => {
      const signIn = await domain.start()
      expect((await fetch(signIn.redirectUri.origin + path)).status).toBe(404)
      await complete(signIn)
    },
  )

  it.each(['//', '//elsewhere.test/callback', '*', 'http://127.0.0.1/callback', '/\\callback', '?code=1'])(
    'with the target %s gets status 404',
    async (target) => {
      const signIn = await domain.start()
      const { host } = signIn.redirectUri
      const response = await sendRaw(signIn, `GET ${target} HTTP/1.1`, `host: ${host}`, '', '')
      expect(response).toMatch(/^HTTP\/1\.1 40[04] /)
      await complete(signIn)
    },
  )

  it.each(['HEAD', 'POST', 'PUT', 'OPTIONS', 'DELETE'])(
    'with the method %s is no callback',
    async (method) => {
      const signIn = await domain.start()
      const callback = await signIn.approveOnly()
      const response = await fetch(callback, { method })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET'])
      expect(domain.exchanges()).toBe(0)
      expect((await fetch(callback)).status).toBe(200)
      await signIn.token
    },
  )

  it.each([
    'evil.test',
    'localhost:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    '[::1]:PORT',
    'evil.test@127.0.0.1:PORT',
  ])('with the host %s is rejected (DNS rebinding)', async (host) => {
    const signIn = await domain.start()
    const { pathname, search } = await signIn.approveOnly()
    const { port } = signIn.redirectUri
    const lines = [`GET ${pathname}${search} HTTP/1.1`, `host: ${host.replace('PORT', port)}`, '', '']
    expect(await sendRaw(signIn, ...lines)).toMatch(/^HTTP\/1\.1 403 /)
    expect(domain.exchanges()).toBe(0)
    await complete(signIn)
  })

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2', '', ''],
    ['HTTP without a host', 'GET /callback HTTP/1.1', '', ''],
    ['HTTP/1.0', 'GET /callback HTTP/1.0', '', ''],
    ['a proxy request', 'CONNECT example.com:443 HTTP/1.1', 'host: example.com', '', ''],
    ['a huge header', 'GET /callback HTTP/1.1', `x: ${'x'.repeat(100_000)}`, '', ''],
    ['a huge URL', `GET /callback?code=${'x'.repeat(100_000)} HTTP/1.1`, '', ''],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01', '', ''],
  ])('of %s does not end the sign-in', async (_what, ...lines) => {
    const signIn = await domain.start()
    expect(await sendRaw(signIn, ...lines)).not.toMatch(/^HTTP\/1\.1 2/)
    await complete(signIn)
  })

  it('with a large body does not end the sign-in', async () => {
    const signIn = await domain.start()
    const sent = httpRequest(signIn.redirectUri, { method: 'POST' })
    const closed = new Promise((resolve) => sent.on('error', resolve).on('close', resolve))
    sent.end(Buffer.alloc(5_000_000))
    await closed
    await complete(signIn)
  })

  it('does not block the callback if there are hundreds', async () => {
    const signIn = await domain.start()
    const { redirectUri } = signIn
    const floods = Array.from({ length: 300 }, (_, n) => fetch(`${redirectUri}?state=${n}`))
    await complete(signIn)
    await Promise.allSettled(floods)
  })

  it('that reaches the other address of this machine is responded to', async () => {
    const signIn = await domain.start()
    const { host, port } = signIn.redirectUri
    const socket = connect(Number(port), '::1')
    socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 404 /)
    await complete(signIn)
  })
})

describe('a repeated callback', () => {
  it('exchanges the code once, and each copy gets the same page', async () => {
    const gate = createGatedTransport(domain.emulator)
    const { approveOnly, token } = await domain.start({}, {}, gate.transport)
    const callback = await approveOnly()
    const copies = [fetch(callback), fetch(callback)]
    await gate.waiting
    copies.push(fetch(callback))
    // The server has received it.
    await fetch(new URL('/elsewhere', callback))
    gate.open()
    const pages = await Promise.all(copies.map(async (copy) => (await copy).text()))
    expect(new Set(pages).size).toBe(1)
    expect(pages[0]).toContain('You are signed in')
    expect(await token).toMatchObject({ user_name: 'Ann' })
    expect(domain.exchanges()).toBe(1)
  })

  it('with another code or an error changes nothing', async () => {
    const gate = createGatedTransport(domain.emulator)
    const { approveOnly, callback, token } = await domain.start({}, {}, gate.transport)
    const first = fetch(await approveOnly())
    await gate.waiting
    const others = [fetch(callback({ code: 'other' })), fetch(callback({ error: 'access_denied' }))]
    await fetch(new URL('/elsewhere', callback({})))
    gate.open()
    for (const page of [first, ...others]) expect(await (await page).text()).toContain('You are signed in')
    expect(await token).toMatchObject({ user_name: 'Ann' })
    expect(domain.exchanges()).toBe(1)
  })
})

describe('the page', () => {
  const sourceHash = /'sha256-[\w+/]{43}='/

  it('is not cached, framed or sent as a referrer, and loads nothing', async () => {
    const { approve, token } = await domain.start()
    const { headers } = await approve()
    await token
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    const policy = headers.get('content-security-policy')?.split('; ')
    expect(policy).toEqual([
      "default-src 'none'",
      expect.stringMatching(new RegExp(`^script-src ${sourceHash.source}$`)),
      expect.stringMatching(new RegExp(`^style-src ${sourceHash.source}$`)),
      'img-src data:',
      "form-action 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ])
  })

  it.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', '<html lang="zh-Hans">', '登录成功'],
    ['en', '<html lang="en">', 'You are signed in'],
  ])('is in the language of the browser: %s', async (language, html, title) => {
    const { approve, token } = await domain.start()
    const page = await (await approve({ headers: { 'accept-language': language } })).text()
    expect(page).toContain(html)
    expect(page).toContain(`<h1>${title}</h1>`)
    await token
  })

  it('can be of the application', async () => {
    const page = vi.fn(() => '<!doctype html><title>Mine</title><p>Welcome')
    const { approve, token } = await domain.start({ page })
    const response = await approve({ headers: { 'accept-language': 'zh' } })
    await token
    expect(page.mock.calls).toEqual([[{ language: 'zh' }]])
    expect(await response.text()).toMatch(/^<!doctype html><title>Mine<\/title><p>Welcome<script>/)
    expect(response.headers.get('content-security-policy')).toMatch(
      new RegExp(`script-src ${sourceHash.source}; style-src 'unsafe-inline'; img-src data: https:;`),
    )
  })

  it('arrives whole before the server ends', async () => {
    const start = setTimeout
    // Without the time limit of a page, which a busy machine may exceed.
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, delay: number) =>
      delay === 5000 ? undefined : start(callback, delay)) as typeof setTimeout)
    const { approve, token } = await domain.start({ page: () => 'x'.repeat(20_000_000) })
    const [page] = await Promise.all([approve().then((response) => response.text()), token])
    expect(page).toHaveLength(20_000_000 + page.length - page.indexOf('<script>'))
  })

  it('of the application gets the error', async () => {
    const page = vi.fn(async ({ error }) => `<p>${error.code}`)
    const { callback, token } = await domain.start({ page })
    const [response] = await Promise.all([
      fetch(callback({ error: 'access_denied' })),
      expect(token).rejects.toMatchObject({ code: 'access_denied' }),
    ])
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringMatching('^<p>access_denied'),
    ])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no template')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no template'))],
    ['returns no text', () => ({ html: 'no template' }) as never],
  ])('is the default page if that of the application %s', async (_how, page) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const { approve, token } = await domain.start({ page })
    expect(await (await approve()).text()).toContain('You are signed in')
    expect(await token).toMatchObject({ user_name: 'Ann' })
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^signInWithBrowser: the option page failed/)]])
  })
})
