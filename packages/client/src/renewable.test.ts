import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Renewable } from './renewable.ts'

const limit = 1000

/** Creates a renewable value. The test resolves the calls of its renewal. */
function create(value?: string) {
  const calls: { stale: string | undefined; resolve(value: string): void; reject(reason: Error): void }[] = []
  const renewable = new Renewable<string>(value, (text) => text.toLowerCase(), {
    limit,
    timeoutError: () => new Error('late'),
    renew: (stale) => new Promise((resolve, reject) => void calls.push({ stale, resolve, reject })),
  })
  const replace = (stale: string | undefined) => renewable.replace(stale, renewable.failures)
  return { calls, renewable, replace }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('a renewable value', () => {
  it('is renewed once for all callers', async () => {
    const { calls, renewable, replace } = create('a')
    const asked = Array.from({ length: 1000 }, () => replace('a'))
    calls[0]?.resolve('b')
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['b']))
    expect(calls.map(({ stale }) => stale)).toEqual(['a'])
    expect(renewable.value).toBe('b')
  })

  it('is not renewed if it was replaced already', async () => {
    const { calls, renewable, replace } = create('a')
    renewable.set('b')
    expect(await replace('a')).toBe('b')
    expect(calls).toEqual([])
  })

  it('is obtained if there is no value yet', async () => {
    const { calls, renewable, replace } = create()
    expect(renewable.canReplace(undefined)).toBe(true)
    const asked = [replace(undefined), replace(undefined)]
    calls[0]?.resolve('a')
    expect(await Promise.all(asked)).toEqual(['a', 'a'])
    expect(calls.map(({ stale }) => stale)).toEqual([undefined])
  })

  it('is compared by its key', async () => {
    const { calls, renewable, replace } = create('a')
    renewable.set('A')
    const asked = replace('a')
    renewable.set('a')
    calls[0]?.resolve('b')
    expect(await asked).toBe('b')
  })
})

describe('a failed renewal', () => {
  it('rejects for all waiting callers, and later callers renew again', async () => {
    const { calls, renewable, replace } = create('a')
    const counted = renewable.failures
    const asked = [replace('a'), replace('a')]
    calls[0]?.reject(new Error('offline'))
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    // This caller failed at the same time as the others, but calls replace after them.
    await expect(renewable.replace('a', counted)).rejects.toThrow('offline')
    expect(calls).toHaveLength(1)
    const later = replace('a')
    calls[1]?.resolve('b')
    expect(await later).toBe('b')
  })

  it('has no effect after a value was set', async () => {
    const { calls, renewable, replace } = create('a')
    const asked = replace('a')
    renewable.set('mine')
    expect(await asked).toBe('mine')
    calls[0]?.reject(new Error('offline'))
    await Promise.resolve()
    expect(renewable.failures).toBe(0)
  })

  it('may be a timeout, but a late value is used unless a value was set', async () => {
    const { calls, renewable, replace } = create('a')
    const asked = expect(replace('a')).rejects.toThrow('late')
    await vi.advanceTimersByTimeAsync(limit)
    await asked
    const later = replace('a')
    expect(calls).toHaveLength(2)
    calls[0]?.resolve('b')
    await Promise.resolve()
    expect(renewable.value).toBe('b')
    calls[1]?.resolve('c')
    expect(await later).toBe('b')
  })
})

describe('a value that is set or removed during its renewal', () => {
  it('is returned at once and kept', async () => {
    const { calls, renewable, replace } = create('a')
    const asked = replace('a')
    renewable.set('mine')
    expect(await asked).toBe('mine')
    calls[0]?.resolve('b')
    await Promise.resolve()
    expect(renewable.value).toBe('mine')
  })

  it('stays removed and is not renewed until it is set', async () => {
    const { calls, renewable, replace } = create('a')
    const asked = replace('a')
    renewable.remove()
    expect(await asked).toBeUndefined()
    calls[0]?.resolve('b')
    await Promise.resolve()
    expect(renewable.value).toBeUndefined()
    expect(renewable.canReplace(undefined)).toBe(false)
    expect(await replace(undefined)).toBeUndefined()
    renewable.set('c')
    expect(renewable.canReplace('c')).toBe(true)
    expect(calls).toHaveLength(1)
  })

  it('does not wait for the renewal of an earlier value', async () => {
    const { calls, renewable, replace } = create('a')
    const first = replace('a')
    renewable.set('b')
    const second = replace('b')
    expect(calls.map(({ stale }) => stale)).toEqual(['a', 'b'])
    expect(await first).toBe('b')
    calls[0]?.resolve('late')
    // The end of the first renewal does not hide the second one from new callers.
    const third = replace('b')
    calls[1]?.resolve('c')
    expect(await Promise.all([second, third])).toEqual(['c', 'c'])
    expect(calls).toHaveLength(2)
  })
})

it('a value without a renewal is replaced by set', async () => {
  const renewable = new Renewable<string>('a', (value) => value, undefined)
  expect(renewable.canReplace('a')).toBe(false)
  expect(await renewable.replace('a', 0)).toBe('a')
  renewable.set('b')
  expect(renewable.canReplace('a')).toBe(true)
})
