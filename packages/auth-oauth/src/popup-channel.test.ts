import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { receiveCallback, sendCallback } from './popup-channel.ts'

const state = 'a-state'
const url = 'https://app.test/callback?code=canary'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

it('sends the callback URL to the page that waits for its state', async () => {
  const received = vi.fn<(url: string) => void>()
  const stop = receiveCallback(state, received)
  const others = vi.fn<(url: string) => void>()
  const stopOthers = receiveCallback('another-state', others)
  expect(await sendCallback(state, url)).toBe(true)
  expect(received.mock.calls).toEqual([[url]])
  stop()
  expect(others).not.toHaveBeenCalled()
  stopOthers()
})

it('resolves with false if no page acknowledges the callback URL in time', async () => {
  const sent = sendCallback(state, url)
  await vi.advanceTimersByTimeAsync(2000)
  expect(await sent).toBe(false)
})

it('does not take the callback URL of another popup for an acknowledgement', async () => {
  const sent = [sendCallback(state, url), sendCallback(state, url)]
  // Messages keep their order: the URL of the second popup has arrived at the first.
  const other = new BroadcastChannel(`pds.sign-in.${state}`)
  const heard = new Promise((resolve) => {
    other.onmessage = resolve
  })
  const late = sendCallback(state, url)
  await heard
  other.close()
  await vi.advanceTimersByTimeAsync(2000)
  expect(await Promise.all([...sent, late])).toEqual([false, false, false])
})

it('ignores messages that are no URL', async () => {
  const received = vi.fn<(url: string) => void>()
  const stop = receiveCallback(state, received)
  const other = new BroadcastChannel(`pds.sign-in.${state}`)
  for (const message of [null, undefined, 7, {}, 'pds.sign-in', '/callback']) other.postMessage(message)
  expect(await sendCallback(state, url)).toBe(true)
  expect(received.mock.calls).toEqual([[url]])
  other.close()
  stop()
})
