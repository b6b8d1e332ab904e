import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readCallbackMessage, sendToOpener } from './popup-message.ts'

const origin = 'https://app.test'
const href = `${origin}/callback?code=canary`

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** Creates a popup of an opener with the given origin, and the mock of the opener's postMessage. */
function openedBy(openerOrigin: string) {
  const postMessage = vi.fn<(message: unknown, origin: string, ports: MessagePort[]) => void>()
  const opener = { location: { origin: openerOrigin }, postMessage }
  return { popup: { opener, location: { origin, href } } as unknown as Window, postMessage }
}

describe('sendToOpener', () => {
  it('sends the callback URL only to the origin of the page', async () => {
    const { popup, postMessage } = openedBy(origin)
    const delivered = sendToOpener(popup)
    expect(postMessage).toHaveBeenCalledOnce()
    const [message, target, [port] = []] = postMessage.mock.calls[0] ?? []
    expect(message).toEqual({ type: 'pds.sign-in', url: href })
    expect(target).toBe(origin)
    const event = { source: popup, origin, data: message, ports: [port] } as unknown as MessageEvent
    expect(readCallbackMessage(event, popup, origin)).toBe(href)
    expect(await delivered).toBe(true)
  })

  it('sends nothing to an opener of another origin or without an opener', () => {
    const { popup, postMessage } = openedBy('https://evil.test')
    expect(sendToOpener(popup)).toBeUndefined()
    expect(sendToOpener({ location: { origin, href } } as Window)).toBeUndefined()
    expect(postMessage).not.toHaveBeenCalled()
  })

  it('resolves with false if no page acknowledges the message in time', async () => {
    const { popup, postMessage } = openedBy(origin)
    const delivered = sendToOpener(popup)
    const [data, , [port] = []] = postMessage.mock.calls[0] ?? []
    const closed = new Promise((resolve) => port?.addEventListener('close', resolve))
    const others = [
      { source: popup, origin, data: { ...(data as object), type: 'other' } },
      { source: popup, origin: 'https://evil.test', data },
      { source: openedBy(origin).popup, origin, data },
    ]
    for (const other of others) {
      const event = { ...other, ports: [port] } as unknown as MessageEvent
      expect(readCallbackMessage(event, popup, origin)).toBeUndefined()
    }
    await vi.advanceTimersByTimeAsync(2000)
    expect(await delivered).toBe(false)
    await closed
  })
})
