import { channel } from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const connectErrors = channel('undici:client:connectError')

/** Loads another copy of the module. */
async function load() {
  vi.resetModules()
  return import('./connection-error.ts')
}

beforeEach(() => {
  vi.spyOn(process, 'getBuiltinModule')
})

afterEach(() => {
  vi.restoreAllMocks()
})

describe('watchConnections', () => {
  it('subscribes once for all copies of the package', async () => {
    const [one, other] = [await load(), await load()]
    expect(one).not.toBe(other)
    one.watchConnections()
    const subscribe = vi.spyOn(process.getBuiltinModule('node:diagnostics_channel'), 'subscribe')
    other.watchConnections()
    one.watchConnections()
    expect(subscribe).not.toHaveBeenCalled()
    const error = new Error('no')
    connectErrors.publish({ error })
    expect([one, other].map(({ neverConnected }) => neverConnected(error))).toEqual([true, true])
    expect(one.neverConnected(new TypeError('fetch failed', { cause: error }))).toBe(true)
    expect(one.neverConnected(new Error('no'))).toBe(false)
  })

  it('ignores a message without an error', async () => {
    const { neverConnected, watchConnections } = await load()
    watchConnections()
    const uncaught = vi.fn()
    process.once('uncaughtException', uncaught)
    for (const message of [undefined, null, 'no', {}, { error: 'no' }]) connectErrors.publish(message)
    // An exception of a subscriber is thrown in the next tick.
    await new Promise(setImmediate)
    process.off('uncaughtException', uncaught)
    expect(uncaught).not.toHaveBeenCalled()
    expect(neverConnected('no')).toBe(false)
  })

  it.each([
    ['has no modules', () => undefined],
    [
      'throws',
      () => {
        throw new Error('not implemented')
      },
    ],
  ])('does nothing if process.getBuiltinModule %s', async (_what, getBuiltinModule) => {
    const { neverConnected, watchConnections } = await load()
    vi.mocked(process.getBuiltinModule).mockImplementation(
      getBuiltinModule as typeof process.getBuiltinModule,
    )
    watchConnections()
    const error = new Error('no')
    connectErrors.publish({ error })
    expect(neverConnected(error)).toBe(false)
    expect(neverConnected(Object.assign(new Error(), { code: 'ENOTFOUND' }))).toBe(true)
  })
})
