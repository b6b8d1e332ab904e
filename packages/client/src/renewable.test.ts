import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Renewable } from './renewable.ts'

const limit = 1000

/** A value with a renewal whose results the test gives, one after the other. */
function create(value?: string) {
  const calls: { stale: string | undefined; resolve(value: string): void; reject(reason: Error): void }[] = []
  const renewable = new Renewable<string>(value, (each) => each.toLowerCase(), {
    limit,
    late: () => new Error('late'),
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

describe('a value that can be renewed', () => {
  it('is renewed once for all who ask', async () => {
    const { calls, renewable, replace } = create('a')
    const asked = Array.from({ length: 1000 }, () => replace('a'))
    calls[0]?.resolve('b')
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['b']))
    expect(calls.map(({ stale }) => stale)).toEqual(['a'])
    expect(renewable.value).toBe('b')
  })

  it('is what has replaced it by now, for those who are late', async () => {
    const { calls, renewable, replace } = create('a')
    renewable.set('b')
    expect(await replace('a')).toBe('b')
    expect(calls).toEqual([])
  })

  it('is obtained where there is none yet', async () => {
    const { calls, renewable, replace } = create()
    expect(renewable.canReplace(undefined)).toBe(true)
    const asked = [replace(undefined), replace(undefined)]
    calls[0]?.resolve('a')
    expect(await Promise.all(asked)).toEqual(['a', 'a'])
    expect(calls.map(({ stale }) => stale)).toEqual([undefined])
  })

  it('is known by its key', async () => {
    const { calls, renewable, replace } = create('a')
    renewable.set('A')
    const asked = replace('a')
    renewable.set('a')
    calls[0]?.resolve('b')
    expect(await asked).toBe('b')
  })
})

describe('a renewal that fails', () => {
  it('is told to all who were there, and tried anew for those who come later', async () => {
    const { calls, renewable, replace } = create('a')
    const counted = renewable.failures
    const asked = [replace('a'), replace('a')]
    calls[0]?.reject(new Error('offline'))
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    // Refused together with the others, and told so after them.
    await expect(renewable.replace('a', counted)).rejects.toThrow('offline')
    expect(calls).toHaveLength(1)
    const again = replace('a')
    calls[1]?.resolve('b')
    expect(await again).toBe('b')
  })

  it('does not matter once a value has been set', async () => {
    const { calls, renewable, replace } = create('a')
    const asked = replace('a')
    renewable.set('mine')
    expect(await asked).toBe('mine')
    calls[0]?.reject(new Error('offline'))
    await Promise.resolve()
    expect(renewable.failures).toBe(0)
  })

  it('is one that takes too long, whose value is taken all the same where none has come', async () => {
    const { calls, renewable, replace } = create('a')
    const asked = expect(replace('a')).rejects.toThrow('late')
    await vi.advanceTimersByTimeAsync(limit)
    await asked
    const again = replace('a')
    expect(calls).toHaveLength(2)
    calls[0]?.resolve('b')
    await Promise.resolve()
    expect(renewable.value).toBe('b')
    calls[1]?.resolve('c')
    expect(await again).toBe('b')
  })
})

describe('a value that is set or removed while it is renewed', () => {
  it('stays what it was set to, and is given at once', async () => {
    const { calls, renewable, replace } = create('a')
    const asked = replace('a')
    renewable.set('mine')
    expect(await asked).toBe('mine')
    calls[0]?.resolve('b')
    await Promise.resolve()
    expect(renewable.value).toBe('mine')
  })

  it('stays removed, and is renewed no more until it is set', async () => {
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

  it('does not wait for the renewal of an earlier one', async () => {
    const { calls, renewable, replace } = create('a')
    const first = replace('a')
    renewable.set('b')
    const second = replace('b')
    expect(calls.map(({ stale }) => stale)).toEqual(['a', 'b'])
    expect(await first).toBe('b')
    calls[0]?.resolve('late')
    // The end of the first one does not hide the second one from those who come now.
    const third = replace('b')
    calls[1]?.resolve('c')
    expect(await Promise.all([second, third])).toEqual(['c', 'c'])
    expect(calls).toHaveLength(2)
  })
})

it('a value that cannot be renewed is replaced by what is set', async () => {
  const renewable = new Renewable<string>('a', (value) => value, undefined)
  expect(renewable.canReplace('a')).toBe(false)
  expect(await renewable.replace('a', 0)).toBe('a')
  renewable.set('b')
  expect(renewable.canReplace('a')).toBe(true)
})
