import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withTimeout } from './with-timeout.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** Starts a call, with a timeout of 5 seconds, that ends when the test ends it. */
function start() {
  const onTimeout = vi.fn()
  let end = (_value: string) => {}
  const result = withTimeout(5000, (signal) => {
    signal.addEventListener('abort', onTimeout)
    return new Promise<string>((resolve) => {
      end = resolve
    })
  })
  result.catch(() => undefined)
  return { onTimeout, end, result }
}

/** Advances the clock without the timers, like a frozen tab. */
function suspend(milliseconds: number): void {
  const { now } = performance
  vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + milliseconds)
}

describe('withTimeout', () => {
  it('rejects once after its time, and aborts the call', async () => {
    const { onTimeout, result } = start()
    vi.advanceTimersByTime(4999)
    expect(onTimeout).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(onTimeout).toHaveBeenCalledOnce()
    await expect(result).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'no response within 5000 ms',
    })
    vi.advanceTimersByTime(60_000)
    expect(onTimeout).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('rejects without DOMException, as in React Native', async () => {
    vi.stubGlobal('DOMException', undefined)
    const { result } = start()
    vi.advanceTimersByTime(5000)
    await expect(result).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it.each([
    [1000, 1],
    [1001, 0],
  ])('with a timer that is %i ms late aborts %i times', (late, times) => {
    const { onTimeout } = start()
    suspend(late)
    vi.advanceTimersByTime(5000)
    expect(onTimeout).toHaveBeenCalledTimes(times)
  })

  it('restarts once after a suspension', () => {
    const { onTimeout } = start()
    suspend(60_000)
    vi.advanceTimersByTime(9999)
    expect(onTimeout).not.toHaveBeenCalled()
    suspend(60_000)
    vi.advanceTimersByTime(1)
    expect(onTimeout).toHaveBeenCalledOnce()
  })

  it('settles like the call, and leaves no timer, even after a restart', async () => {
    const first = start()
    first.end('first')
    expect(await first.result).toBe('first')
    const second = start()
    suspend(60_000)
    vi.advanceTimersByTime(5000)
    second.end('second')
    expect(await second.result).toBe('second')
    expect(vi.getTimerCount()).toBe(0)
    await expect(withTimeout(5000, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(vi.getTimerCount()).toBe(0)
  })
})
