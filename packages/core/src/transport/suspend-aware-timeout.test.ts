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

/** Lets time go by of which timers know nothing, as while a tab is frozen. */
function standStill(milliseconds: number): void {
  const { now } = performance
  vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + milliseconds)
}

describe('suspendAwareTimeout', () => {
  it('calls once, when the time is over', () => {
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
  ])('with a timer that is late by %i ms, calls %i times', (late, times) => {
    suspendAwareTimeout(5000, call)
    standStill(late)
    vi.advanceTimersByTime(5000)
    expect(call).toHaveBeenCalledTimes(times)
  })

  it('waits once more for who stood still, and no longer', () => {
    suspendAwareTimeout(5000, call)
    standStill(60_000)
    vi.advanceTimersByTime(9999)
    expect(call).not.toHaveBeenCalled()
    standStill(60_000)
    vi.advanceTimersByTime(1)
    expect(call).toHaveBeenCalledOnce()
  })

  it('never calls once it has ended, also while it waits once more', () => {
    suspendAwareTimeout(5000, call)()
    const end = suspendAwareTimeout(5000, call)
    standStill(60_000)
    vi.advanceTimersByTime(5000)
    end()
    vi.advanceTimersByTime(60_000)
    expect(call).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})
