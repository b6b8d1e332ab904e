import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { memoryStore, type Store } from '@pds/session'
import { storeTests } from '@pds/session/testing'
import { describe, expect, it, vi } from 'vitest'

it('storeTests run under node:test', async () => {
  const flags = process.features.typescript === false ? ['--experimental-strip-types', '--no-warnings'] : []
  const file = path.join(import.meta.dirname, 'node-test.test-helper.ts')
  // Without this variable of its parent, the runner prints its own report.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...flags, '--test', '--test-reporter=tap', file],
    {
      env,
    },
  )
  expect(stdout).toContain(`\n# pass ${storeTests(() => memoryStore()).length}\n`)
  expect(stdout).toContain('\n# fail 0\n')
})

describe('storeTests', () => {
  const held = new Map<string, [string, number]>()
  const leased: string[] = []
  const faultyStores: Record<string, (store: Store) => Partial<Store>> = {
    'loses its records': () => ({ read: async () => undefined }),
    'ignores the expected revision': (store) => ({
      compareAndSet: async (key, record) =>
        store.compareAndSet(key, record, (await store.read(key))?.rev ?? 0),
    }),
    'does not count revisions': (store) => ({
      read: async (key) => {
        const stored = await store.read(key)
        return stored && { ...stored, rev: 1 }
      },
    }),
    'lowercases its keys': (store) => ({
      read: (key) => store.read(key.toLowerCase()),
      compareAndSet: (key, ...rest) => store.compareAndSet(key.toLowerCase(), ...rest),
    }),
    'truncates long records': (store) => ({
      compareAndSet: (key, { epoch, data }, rev) =>
        store.compareAndSet(key, { epoch, data: data.slice(0, 1000) }, rev),
    }),
    'loses the epoch': (store) => ({
      compareAndSet: (key, { data }, rev) => store.compareAndSet(key, { epoch: 0, data }, rev),
    }),
    'grants every lease': () => ({ lease: async () => ({ fence: 1, record: undefined }) }),
    'returns no record with a lease': (store) => ({
      lease: async (...args) => {
        const lease = await store.lease(...args)
        return lease && { ...lease, record: undefined }
      },
    }),
    'releases no lease with a write': (store) => ({
      compareAndSet: (key, record, rev) => store.compareAndSet(key, record, rev),
    }),
    'releases the lease of any holder with a write': (store) => {
      return {
        async lease(key, owner, ttl) {
          const lease = await store.lease(key, owner, ttl)
          if (lease) held.set(key, [owner, lease.fence])
          return lease
        },
        async compareAndSet(key, ...rest) {
          const isWritten = await store.compareAndSet(key, ...rest)
          const holder = held.get(key)
          if (isWritten && holder) await store.release(key, ...holder)
          return isWritten
        },
      }
    },
    'says that it watches, but does not': () => ({ watch: () => () => undefined }),
    'grants no lease': () => ({ lease: async () => undefined }),
    'releases a lease for any owner': (store) => {
      let held = { owner: '', fence: 0 }
      return {
        async lease(key, owner, ttl) {
          const lease = await store.lease(key, owner, ttl)
          if (lease) held = { owner, fence: lease.fence }
          return lease
        },
        release: (key) => store.release(key, held.owner, held.fence),
      }
    },
    'returns the same fencing token twice': (store) => ({
      lease: async (...args) => {
        const lease = await store.lease(...args)
        return lease && { ...lease, fence: 1 }
      },
    }),
    'has an unknown scope': () => ({ scope: 'galaxy' as 'cluster' }),
    'notifies the watchers of another key': (store) => ({
      watch: (_key, changed) => store.watch?.('any', changed) ?? (() => undefined),
      compareAndSet: async (key, ...rest) => {
        const written = await store.compareAndSet(key, ...rest)
        await store.compareAndSet('any', { epoch: 0, data: '' }, (await store.read('any'))?.rev ?? 0)
        return written
      },
    }),
    'lists keys without a record': (store) => ({
      async *list() {
        yield* store.list?.() ?? []
        yield* leased
      },
      lease: (key, ...rest) => {
        leased.push(key)
        return store.lease(key, ...rest)
      },
    }),
    'lists only the first keys': (store) => ({
      async *list() {
        let count = 0
        for await (const key of store.list?.() ?? []) if (count++ < 1000) yield key
      },
    }),
    'passes an argument to its watchers': (store) => ({
      watch: (key, changed) =>
        store.watch?.(key, () => (changed as (token: string) => void)('token')) ?? (() => undefined),
    }),
  }

  async function failuresOf(faults: (store: Store) => Partial<Store>): Promise<unknown[]> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
    const store = memoryStore()
    const tests = storeTests(() => ({ ...store, ...faults(store) }))
    const running = Promise.allSettled(tests.map(({ run }) => run()))
    // Ends the polls, whose value may never come.
    await vi.advanceTimersByTimeAsync(20_000)
    const results = await running
    vi.useRealTimers()
    return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  }

  it.each(Object.entries(faultyStores))('fail for a store that %s', async (_what, faults) => {
    const failures = await failuresOf(faults)
    expect(failures).not.toEqual([])
    for (const failure of failures) expect(failure).toBeInstanceOf(Error)
  })

  it('pass for a correct store', async () => {
    expect(await failuresOf(() => ({}))).toEqual([])
  })
})
