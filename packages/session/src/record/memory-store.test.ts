import { memoryStore } from '@pds/session'
import { storeTests } from '@pds/session/testing'
import { describe, expect, it } from 'vitest'

describe('memoryStore fulfils the Store contract', () => {
  const store = memoryStore()
  it.each(storeTests(() => store))('$name', ({ run }) => run())
})

describe('memoryStore', () => {
  it('shares no records with another memory store', async () => {
    await memoryStore().compareAndSet('key', { epoch: 0, data: '' }, 0)
    expect(await memoryStore().read('key')).toBeUndefined()
  })

  it('measures leases by its clock', async () => {
    let now = 0
    const store = memoryStore({ clock: () => now })
    await store.lease('key', 'one', 100)
    now = 99
    expect(await store.lease('key', 'other', 100)).toBeUndefined()
    now = 100
    expect(await store.lease('key', 'other', 100)).toMatchObject({ fence: 2 })
  })

  it('ends a lease that was taken before its clock was set back', async () => {
    let now = 3_600_000
    const store = memoryStore({ clock: () => now })
    await store.lease('key', 'one', 100)
    now = 3_599_500
    expect(await store.lease('key', 'other', 100)).toBeUndefined()
    now = 0
    expect(await store.lease('key', 'other', 100)).toMatchObject({ fence: 2 })
  })

  it('removes sessions that were not used for the time of expireAfter, except those that are open', async () => {
    let now = 0
    const day = 86_400_000
    const store = memoryStore({ clock: () => now, expireAfter: 30 * day })
    const keysOf = async () => {
      const keys = []
      for await (const key of store.list?.() ?? []) keys.push(key)
      return keys.sort()
    }
    const write = (key: string, rev = 0) => store.compareAndSet(key, { epoch: 0, data: '' }, rev)
    for (const key of ['unused', 'open', 'written', 'leased']) await write(key)
    const stop = store.watch?.('open', () => undefined)
    now = 29 * day
    await write('written', 1)
    await store.lease('leased', 'one', 1000)
    now = 31 * day
    await write('new')
    expect(await keysOf()).toEqual(['leased', 'new', 'open', 'written'])
    stop?.()
    now = 62 * day
    for (let rev = 1; rev < 4; rev++) await write('new', rev)
    expect(await keysOf()).toEqual(['new'])
  })

  it('rejects an expireAfter of less than 30 days', () => {
    expect(() => memoryStore({ expireAfter: 2_591_999_999 })).toThrow(
      'memoryStore: expireAfter must be an integer from 2592000000 (30 days in milliseconds)',
    )
  })

  it('keeps the watchers that were added since another one stopped', async () => {
    const store = memoryStore() as Required<ReturnType<typeof memoryStore>>
    const stop = store.watch('key', () => undefined)
    stop()
    const changed = new Promise<void>((resolve) => store.watch('key', resolve))
    stop()
    await store.compareAndSet('key', { epoch: 0, data: '' }, 0)
    await changed
  })
})
