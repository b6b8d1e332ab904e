import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { suspendAwareTimeout } from './suspend-aware-timeout.ts'

const call = vi.fn()

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  call.mockClear()
})

/** Advances the clock without the timers, like a frozen tab. */
function suspend(milliseconds: number): void {
  const { now } = performance
  vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + milliseconds)
}

describe('suspendAwareTimeout', () => {
  it('calls once after its time', () => {
    suspendAwareTimeout(5000, call)
    vi.advanceTimersByTime(4999)
    expect(call).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(call).toHaveBeenCalledOnce()
    vi.advanceTimersByTime(60_000)
    expect(call).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([
    [1000, 1],
    [1001, 0],
  ])('with a timer that is %i ms late calls %i times', (late, times) => {
    suspendAwareTimeout(5000, call)
    suspend(late)
    vi.advanceTimersByTime(5000)
    expect(call).toHaveBeenCalledTimes(times)
  })

  it('restarts once after a suspension', () => {
    suspendAwareTimeout(5000, call)
    suspend(60_000)
    vi.advanceTimersByTime(9999)
    expect(call).not.toHaveBeenCalled()
    suspend(60_000)
    vi.advanceTimersByTime(1)
    expect(call).toHaveBeenCalledOnce()
  })

  it('never calls after it was cancelled, even during a restart', () => {
    suspendAwareTimeout(5000, call)()
    const cancel = suspendAwareTimeout(5000, call)
    suspend(60_000)
    vi.advanceTimersByTime(5000)
    cancel()
    vi.advanceTimersByTime(60_000)
    expect(call).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})
