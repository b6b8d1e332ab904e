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
    expect(await store.lease('key', 'other', 100)).toBe(2)
  })
})
