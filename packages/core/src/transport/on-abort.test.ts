import { getEventListeners } from 'node:events'
import { createTransport } from '@pds/core'
import { requestToken } from '@pds/core/internal'
import { expect, it, vi } from 'vitest'
import * as browser from '../platform.browser.ts'
import { spendable } from '../test/scripted-server.test-helper.ts'
import { onAbort } from './on-abort.ts'

it('calls each function once, in order, unless it was cancelled', () => {
  const controller = new AbortController()
  const called: string[] = []
  const add = (name: string) => onAbort(controller.signal, () => void called.push(name))
  const first = add('first')
  add('second')
  const twice = () => void called.push('twice')
  const cancel = [onAbort(controller.signal, twice), onAbort(controller.signal, twice)]
  first()
  cancel[0]?.()
  cancel[0]?.()
  controller.abort()
  expect(called).toEqual(['second', 'twice'])
})

it.each([onAbort, browser.onAbort])('calls a function at once if the signal is aborted already', (listen) => {
  const { signal } = new AbortController()
  const aborted = AbortSignal.abort()
  const callback = vi.fn()
  listen(signal, callback)
  expect(callback).not.toHaveBeenCalled()
  listen(aborted, callback)()
  expect(callback).toHaveBeenCalledOnce()
  expect(getEventListeners(aborted, 'abort')).toHaveLength(0)
})

it('leaves no listener behind and can listen again', () => {
  const controller = new AbortController()
  const count = () => getEventListeners(controller.signal, 'abort').length
  const callback = vi.fn()
  const cancel = [onAbort(controller.signal, callback), onAbort(controller.signal, callback)]
  expect(count()).toBe(1)
  for (const each of cancel) each()
  expect(count()).toBe(0)
  const again = onAbort(controller.signal, callback)
  // Cancelling again has no effect.
  for (const each of cancel) each()
  expect(count()).toBe(1)
  controller.abort()
  expect(callback).toHaveBeenCalledOnce()
  again()
  expect(count()).toBe(0)
})

it('has one listener for any number of calls, so that Node.js does not warn about a leak', async () => {
  const warned = vi.fn()
  process.on('warning', warned)
  const controller = new AbortController()
  const { signal } = controller
  const fetch = () => new Promise<never>(() => undefined)
  const transport = createTransport({ api_endpoint: 'https://bj1.test', fetch })
  const calls = Array.from({ length: 50 }, () => requestToken(transport, spendable, { signal }))
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  controller.abort()
  const results = await Promise.allSettled(calls)
  expect(results.every(({ status }) => status === 'rejected')).toBe(true)
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  await new Promise(setImmediate)
  process.off('warning', warned)
  expect(warned).not.toHaveBeenCalled()
})
