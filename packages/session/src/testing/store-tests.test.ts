import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { memoryStore, type Store } from '@pds/session'
import { storeTests } from '@pds/session/testing'
import { describe, expect, it, vi } from 'vitest'

it('the tests of a store run under node:test too', async () => {
  const flags = process.features.typescript === false ? ['--experimental-strip-types', '--no-warnings'] : []
  const file = path.join(import.meta.dirname, 'node-test.test-helper.ts')
  // A runner that is started by another one would report to that.
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

describe('a store', () => {
  const wrongs: Record<string, (store: Store) => Partial<Store>> = {
    'forgets what it was given': () => ({ read: async () => undefined }),
    'writes over any revision': (store) => ({
      compareAndSet: async (key, record) =>
        store.compareAndSet(key, record, (await store.read(key))?.rev ?? 0),
    }),
    'counts no revisions': (store) => ({
      read: async (key) => {
        const stored = await store.read(key)
        return stored && { ...stored, rev: 1 }
      },
    }),
    'keeps keys in lower case': (store) => ({
      read: (key) => store.read(key.toLowerCase()),
      compareAndSet: (key, ...rest) => store.compareAndSet(key.toLowerCase(), ...rest),
    }),
    'cuts long records': (store) => ({
      compareAndSet: (key, { epoch, data }, rev) =>
        store.compareAndSet(key, { epoch, data: data.slice(0, 1000) }, rev),
    }),
    'forgets the epoch': (store) => ({
      compareAndSet: (key, { data }, rev) => store.compareAndSet(key, { epoch: 0, data }, rev),
    }),
    'lends to everyone': () => ({ lease: async () => 1 }),
    'lends to nobody': () => ({ lease: async () => undefined }),
    'releases for everyone': (store) => {
      let held = { owner: '', fence: 0 }
      return {
        async lease(key, owner, ttl) {
          const fence = await store.lease(key, owner, ttl)
          if (fence !== undefined) held = { owner, fence }
          return fence
        },
        release: (key) => store.release(key, held.owner, held.fence),
      }
    },
    'gives the same number twice': (store) => ({
      lease: async (...args) => ((await store.lease(...args)) === undefined ? undefined : 1),
    }),
    'has a scope of its own': () => ({ scope: 'galaxy' as 'cluster' }),
    'tells those who watch another key': (store) => ({
      watch: (_key, changed) => store.watch?.('any', changed) ?? (() => undefined),
      compareAndSet: async (key, ...rest) => {
        const written = await store.compareAndSet(key, ...rest)
        await store.compareAndSet('any', { epoch: 0, data: '' }, (await store.read('any'))?.rev ?? 0)
        return written
      },
    }),
    'tells more than that something has changed': (store) => ({
      watch: (key, changed) =>
        store.watch?.(key, () => (changed as (token: string) => void)('token')) ?? (() => undefined),
    }),
  }

  async function failuresOf(wrong: (store: Store) => Partial<Store>): Promise<unknown[]> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
    const store = memoryStore()
    const tests = storeTests(() => ({ ...store, ...wrong(store) }))
    const running = Promise.allSettled(tests.map(({ run }) => run()))
    // What is waited for may never come.
    await vi.advanceTimersByTimeAsync(10_000)
    const results = await running
    vi.useRealTimers()
    return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  }

  it.each(Object.entries(wrongs))('that %s is found', async (_what, wrong) => {
    const failures = await failuresOf(wrong)
    expect(failures).not.toEqual([])
    for (const failure of failures) expect(failure).toBeInstanceOf(Error)
  })

  it('that is right passes in the same way', async () => {
    expect(await failuresOf(() => ({}))).toEqual([])
  })
})
