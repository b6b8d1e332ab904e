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
