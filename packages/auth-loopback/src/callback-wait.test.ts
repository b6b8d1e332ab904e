import { once } from 'node:events'
import { connect, Server } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { connectTo, createGatedTransport, useDomain } from './started-sign-in.test-helper.ts'

const domain = await useDomain()

describe('the end', () => {
  it('is code Timeout if no callback arrives in time', async () => {
    const { token, redirectUri } = await domain.start({ timeout: 1 })
    await expect(token).rejects.toMatchObject({
      code: 'Timeout',
      message: 'signInWithBrowser: no callback arrived within 1 ms',
      outcome: 'not-sent',
    })
    expect(await connectTo(redirectUri)).toBe('ECONNREFUSED')
  })

  it.each([
    [undefined, 600_000],
    [0, undefined],
  ])('with the timeout %s is after %s ms', async (timeout, expected) => {
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const { callback, token } = await domain.start({ timeout })
    const delays = timers.mock.calls.map(([, delay]) => delay)
    expect(delays.filter((delay) => Number(delay) > 60_000)).toEqual(expected === undefined ? [] : [expected])
    await Promise.all([fetch(callback({ error: 'e' })), expect(token).rejects.toThrow()])
  })

  it('is code Aborted as soon as the signal is aborted', async () => {
    const abort = new AbortController()
    const { token, redirectUri } = await domain.start({ signal: abort.signal })
    abort.abort()
    await expect(token).rejects.toMatchObject({ code: 'Aborted', outcome: 'not-sent' })
    expect(await connectTo(redirectUri)).toBe('ECONNREFUSED')
  })

  it('is code Aborted if the signal is aborted while the server starts', async () => {
    const abort = new AbortController()
    const { listen } = Server.prototype
    vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args: unknown[]) {
      abort.abort()
      return Reflect.apply(listen, this, args)
    })
    const onAddress = vi.fn()
    await expect(domain.start({ signal: abort.signal, onAddress })).rejects.toMatchObject({ code: 'Aborted' })
    expect(onAddress).not.toHaveBeenCalled()
  })

  it('is code Aborted before a server starts if the signal is aborted already', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen')
    await expect(domain.start({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'Aborted' })
    expect(listen).not.toHaveBeenCalled()
  })

  it('is code Aborted if the signal is aborted during the token request', async () => {
    const gate = createGatedTransport(domain.emulator)
    const abort = new AbortController()
    const { approve, token } = await domain.start({ signal: abort.signal }, {}, gate.transport)
    const page = approve()
    await gate.waiting
    abort.abort()
    await expect(token).rejects.toMatchObject({ code: 'Aborted', outcome: 'unknown' })
    expect(await (await page).text()).toContain('Aborted')
    gate.open()
  })

  it('does not wait for the page after an abort', async () => {
    const start = setTimeout
    // A time of a page that does not end.
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, delay: number) =>
      delay === 5000 ? undefined : start(callback, delay)) as typeof setTimeout)
    const gate = createGatedTransport(domain.emulator)
    const abort = new AbortController()
    const options = { signal: abort.signal, page: () => new Promise<string>(() => undefined) }
    const { approve, token } = await domain.start(options, {}, gate.transport)
    const page = approve()
    await gate.waiting
    abort.abort()
    await expect(token).rejects.toMatchObject({ code: 'Aborted' })
    await expect(page).rejects.toThrow()
    gate.open()
  })

  it('closes connections that browsers hold open', async () => {
    const { approve, token, redirectUri } = await domain.start()
    const spare = connect(Number(redirectUri.port), '127.0.0.1')
    await once(spare, 'connect')
    const closed = once(spare.resume(), 'close')
    await approve()
    await token
    await closed
  })

  it('does not wait for a browser that reads nothing', async () => {
    const start = setTimeout
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, delay: number) =>
      start(callback, delay === 5000 ? 0 : delay)) as typeof setTimeout)
    const { approveOnly, token, redirectUri } = await domain.start({ page: () => 'x'.repeat(50_000_000) })
    const { host, pathname, search } = await approveOnly()
    const browser = connect(Number(redirectUri.port), '127.0.0.1').pause()
    browser.on('error', () => undefined)
    browser.write(`GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n\r\n`)
    expect(await token).toMatchObject({ user_name: 'Ann' })
    expect(await connectTo(redirectUri)).toBe('ECONNREFUSED')
    browser.destroy()
  })

  it('is the error that onAddress throws', async () => {
    const failure = new Error('the terminal is gone')
    const onAddress = () => {
      throw failure
    }
    await expect(domain.start({ onAddress })).rejects.toBe(failure)
    const later = domain.start({
      onAddress({ reason }) {
        if (reason) throw failure
      },
      openBrowser: () => Promise.reject(new Error('no display')),
    })
    await expect(later.then(({ token }) => token)).rejects.toBe(failure)
  })
})
