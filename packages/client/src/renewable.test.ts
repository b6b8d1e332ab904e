import { describe, expect, it } from 'vitest'
import { Renewable } from './renewable.ts'

/** A renewal whose results the test gives, one after the other. */
function manual() {
  const calls: { stale: string; resolve(value: string): void; reject(reason: Error): void }[] = []
  const renew = (stale: string) =>
    new Promise<string>((resolve, reject) => void calls.push({ stale, resolve, reject }))
  return { calls, renew }
}

describe('a value that can be renewed', () => {
  it('is renewed once for all who ask', async () => {
    const { calls, renew } = manual()
    const value = new Renewable('a', renew)
    const asked = Array.from({ length: 1000 }, () => value.replace('a'))
    calls[0]?.resolve('b')
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['b']))
    expect(calls.map(({ stale }) => stale)).toEqual(['a'])
    expect(value.value).toBe('b')
  })

  it('is what has replaced it by now, for those who are late', async () => {
    const { calls, renew } = manual()
    const value = new Renewable('a', renew)
    value.set('b')
    expect(await value.replace('a')).toBe('b')
    expect(calls).toEqual([])
  })

  it('is renewed anew after a renewal that failed, which all who asked are told', async () => {
    const { calls, renew } = manual()
    const value = new Renewable('a', renew)
    const asked = [value.replace('a'), value.replace('a')]
    calls[0]?.reject(new Error('offline'))
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const again = value.replace('a')
    calls[1]?.resolve('b')
    expect(await again).toBe('b')
  })

  it('stays what was set while it was renewed', async () => {
    const { calls, renew } = manual()
    const value = new Renewable('a', renew)
    const asked = value.replace('a')
    value.set('mine')
    calls[0]?.resolve('b')
    expect(await asked).toBe('mine')
    expect(value.value).toBe('mine')
  })

  it('stays removed', async () => {
    const { calls, renew } = manual()
    const value = new Renewable('a', renew)
    const asked = value.replace('a')
    value.set(undefined)
    calls[0]?.resolve('b')
    expect(await asked).toBeUndefined()
    expect(value.value).toBeUndefined()
  })

  it('does not wait for the renewal of an earlier one', async () => {
    const { calls, renew } = manual()
    const value = new Renewable('a', renew)
    const first = value.replace('a')
    value.set('b')
    const second = value.replace('b')
    expect(calls.map(({ stale }) => stale)).toEqual(['a', 'b'])
    calls[0]?.resolve('late')
    expect(await first).toBe('b')
    // The end of the first one does not hide the second one from those who come now.
    const third = value.replace('b')
    calls[1]?.resolve('c')
    expect(await Promise.all([second, third])).toEqual(['c', 'c'])
    expect(calls).toHaveLength(2)
  })

  it('cannot be replaced where there is no way to renew it, unless it was set', async () => {
    const value = new Renewable<string>('a', undefined)
    expect(value.canReplace('a')).toBe(false)
    expect(await value.replace('a')).toBe('a')
    value.set('b')
    expect(value.canReplace('a')).toBe(true)
  })
})
