import type { ConditionalStoreOptions } from '@pds/session'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryDatabase } from './memory-database.test-helper.ts'

const record = (data: string, epoch = 0) => ({ epoch, data })

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('a conflict', () => {
  it('with a lease is retried, and with another record is not', async () => {
    const { open, get, calls } = memoryDatabase()
    const other = open()
    await other.compareAndSet('key', record('a'), 0)
    let interfere = async () => {}
    const store = open({
      async get(key) {
        const found = await get(key)
        await interfere()
        return found
      },
    })
    interfere = async () => {
      interfere = async () => {}
      await other.lease('key', 'other', 60_000)
    }
    calls.length = 0
    expect(await store.compareAndSet('key', record('b'), 1)).toBe(true)
    expect(calls.filter((call) => call === 'put key')).toHaveLength(3)
    // The lease of the other owner is still there.
    expect(await store.lease('key', 'one', 60_000)).toBeUndefined()

    interfere = async () => {
      interfere = async () => {}
      await other.compareAndSet('key', record('c'), 2)
    }
    expect(await store.compareAndSet('key', record('d'), 2)).toBe(false)
    expect(await store.read('key')).toEqual({ ...record('c'), rev: 3 })
  })

  it('between a lease and a write returns the written record with the lease', async () => {
    const { open, put } = memoryDatabase()
    const other = open()
    let isFirst = true
    const store = open({
      async put(...args) {
        if (isFirst) await other.compareAndSet('key', record('a', 3), 0)
        isFirst = false
        return put(...args)
      },
    })
    expect((await store.lease('key', 'one', 60_000))?.record).toEqual({ ...record('a', 3), rev: 1 })
  })

  it('that never ends rejects after 20 attempts, and says what to check', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    const { open, calls } = memoryDatabase()
    const store = open({ put: async () => false })
    const writing = store.compareAndSet('key', record('canary'), 0)
    const rejected = expect(writing).rejects.toThrow(
      /^conditionalStore: 20 writes in a row had a conflict: check that get is linearizable/,
    )
    // The first retry is immediate. The pauses before the others are random and at most 200 ms.
    await vi.advanceTimersByTimeAsync(1)
    expect(calls).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(calls).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(20 * 200)
    await rejected
    expect(calls).toHaveLength(20)
  })
})

describe('a lost response', () => {
  type Put = ConditionalStoreOptions<number>['put']
  /** Opens a store whose next put is replaced. */
  function openWithFault(fault: (put: Put, ...args: Parameters<Put>) => Promise<boolean>) {
    const database = memoryDatabase()
    let isFaulty = true
    const put: Put = async (...args) => {
      const fails = isFaulty
      isFaulty = false
      return fails ? fault(database.put, ...args) : database.put(...args)
    }
    return { ...database, store: database.open({ put }) }
  }
  const faults: Record<string, (put: Put, ...args: Parameters<Put>) => Promise<boolean>> = {
    'the database rejected': async (put, ...args) => {
      await put(...args)
      throw new Error('socket hang up')
    },
    "the database's client retried": async (put, ...args) => {
      await put(...args)
      return put(...args)
    },
  }

  describe.each(Object.entries(faults))('of a put that %s', (_case, fault) => {
    it('is no conflict of compareAndSet', async () => {
      const { store, calls } = openWithFault(fault)
      expect(await store.compareAndSet('key', record('a'), 0)).toBe(true)
      expect(calls.at(-1)).toBe('get key')
      expect(await store.read('key')).toEqual({ ...record('a'), rev: 1 })
      expect(await store.compareAndSet('key', record('b'), 0)).toBe(false)
    })

    it('is no conflict of compareAndSet, even after a lease of another owner', async () => {
      const { store, open } = openWithFault(async (...args) => {
        const result = await fault(...args).finally(() => open().lease('key', 'other', 60_000))
        return result
      })
      expect(await store.compareAndSet('key', record('a'), 0)).toBe(true)
    })

    it('grants the lease that was written', async () => {
      const { store, entries } = openWithFault(fault)
      const lease = await store.lease('key', 'one', 60_000)
      expect(lease?.record).toBeUndefined()
      expect(JSON.parse(entries.get('key')?.value ?? '')).toMatchObject({ fence: lease?.fence })
      expect(await store.lease('key', 'other', 60_000)).toBeUndefined()
    })

    it('releases the lease', async () => {
      const { store, open } = openWithFault(fault)
      const lease = await open().lease('key', 'one', 60_000)
      await store.release('key', 'one', lease?.fence ?? 0)
      expect(await store.lease('key', 'other', 60_000)).toBeDefined()
    })
  })

  it('of a put that did not write rejects with the error of the database', async () => {
    const { store, calls, entries } = openWithFault(async () => {
      throw new TypeError('fetch failed')
    })
    await expect(store.compareAndSet('key', record('a'), 0)).rejects.toMatchObject({
      name: 'TypeError',
      message: 'fetch failed',
    })
    expect(calls).toEqual(['get key', 'get key'])
    expect(entries.size).toBe(0)
  })

  it('of a put that did not write is a conflict if another process has written since', async () => {
    const { store, open } = openWithFault(async () => {
      await open().compareAndSet('key', record('other'), 0)
      throw new TypeError('fetch failed')
    })
    expect(await store.compareAndSet('key', record('a'), 0)).toBe(false)
  })

  it('of a release, whose lease another owner took, changes nothing', async () => {
    const { store, open } = openWithFault(async (put, ...args) => {
      await put(...args)
      await open().lease('key', 'other', 60_000)
      throw new Error('socket hang up')
    })
    const lease = await open().lease('key', 'one', 60_000)
    await store.release('key', 'one', lease?.fence ?? 0)
    expect(await store.lease('key', 'one', 60_000)).toBeUndefined()
  })
})
