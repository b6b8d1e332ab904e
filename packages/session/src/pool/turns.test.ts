import { describe, expect, it, vi } from 'vitest'
import { gate } from '../test/test-domain.test-helper.ts'
import { Turns } from './turns.ts'

const minute = 60_000

describe('Turns', () => {
  it('runs so many functions at a time, in their order, those in the background last', async () => {
    const turns = new Turns(1)
    const { opened, open } = gate()
    const order: string[] = []
    const run = (name: string, isBackground: boolean) =>
      turns.run(
        async () => {
          order.push(name)
          await opened
        },
        minute,
        isBackground,
      )
    const runs = [
      run('first', true),
      run('background 1', true),
      run('background 2', true),
      run('caller 1', false),
      run('caller 2', false),
    ]
    expect(order).toEqual(['first'])
    expect(turns).toMatchObject({ active: 1, waiting: 4 })
    open()
    await Promise.all(runs)
    expect(order).toEqual(['first', 'caller 1', 'caller 2', 'background 1', 'background 2'])
    expect(turns).toMatchObject({ active: 0, waiting: 0, failed: 0 })
  })

  it('has no limit with 0', () => {
    const turns = new Turns(0)
    for (let count = 0; count < 100; count++)
      void turns.run(() => new Promise(() => undefined), minute, false)
    expect(turns).toMatchObject({ active: 100, waiting: 0 })
  })

  it('gives the turn of a failed function to the next one, and counts the failure', async () => {
    const turns = new Turns(1)
    const failing = turns.run(() => Promise.reject(new Error('failed')), minute, false)
    const next = turns.run(async () => 'result', minute, false)
    await expect(failing).rejects.toThrow('failed')
    expect(await next).toBe('result')
    expect(turns).toMatchObject({ active: 0, waiting: 0, failed: 1 })
  })

  it('rejects a function that waits for too long, and never runs it', async () => {
    vi.useFakeTimers()
    try {
      const turns = new Turns(1)
      const { opened, open } = gate()
      const first = turns.run(() => opened, minute, false)
      const late = vi.fn(async () => undefined)
      const waiting = turns.run(late, minute, false)
      const rejected = expect(waiting).rejects.toMatchObject({ code: 'Timeout', outcome: 'not-sent' })
      await vi.advanceTimersByTimeAsync(minute)
      await rejected
      open()
      await first
      expect(late).not.toHaveBeenCalled()
      expect(turns).toMatchObject({ active: 0, waiting: 0, failed: 1 })
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})
