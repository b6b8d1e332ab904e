import { StatementSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connect, failure, openStore, temporaryFile } from './temporary.test-helper.ts'

const record = { epoch: 0, data: 'data' }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Opens two stores on one file. `check` returns whether the first watches a key now. */
async function openTwo() {
  const file = temporaryFile()
  const [store, other] = [openStore(file), openStore(file)]
  await Promise.all([store.read('key'), other.read('key')])
  const check = (key: string) => {
    vi.advanceTimersByTime(20)
    return store.isWatching?.(key)
  }
  return { file, store, other, check }
}

describe('a watcher', () => {
  it('is called after a write of its store, before the writer goes on', async () => {
    const { store } = await openTwo()
    const calls: string[] = []
    const stop = store.watch?.('key', (...args) => calls.push(`key ${args.length}`))
    store.watch?.('key', () => calls.push('second'))
    store.watch?.('key2', () => calls.push('key2'))
    await store.compareAndSet('key', record, 0).then(() => calls.push('written'))
    expect(calls).toEqual(['key 0', 'second', 'written'])
    await store.compareAndSet('key', record, 0)
    await store.lease('key', 'one', 60_000)
    await failure(store.compareAndSet('key', { epoch: 0.5, data: '' }, 1))
    stop?.()
    expect(calls).toHaveLength(3)
    await store.compareAndSet('key', record, 1)
    expect(calls).toEqual(['key 0', 'second', 'written', 'second'])
  })

  it('is called by the next check after another connection has changed its key', async () => {
    const { store, other, check } = await openTwo()
    const keys = ['key', 'a\0b', 'a\0c', '\ud800', '\udbff', '\ufdd0', '字']
    const calls: string[] = []
    for (const key of keys) store.watch?.(key, () => calls.push(key))
    expect(check('key')).toBe(true)
    expect(calls).toEqual([])
    for (const key of keys.toReversed()) {
      await other.compareAndSet(key, record, 0)
      expect(check('key')).toBe(true)
      expect(calls.splice(0)).toEqual([key])
    }
    expect(check('key')).toBe(true)
    expect(calls).toEqual([])
  })

  it('is called by a write of its store too, after another connection has changed its key', async () => {
    const { store, other, check } = await openTwo()
    const calls: string[] = []
    for (const key of ['key', 'own']) store.watch?.(key, () => calls.push(key))
    await other.compareAndSet('key', record, 0)
    await store.compareAndSet('own', record, 0)
    expect(calls.splice(0)).toEqual(['key', 'own'])
    expect(check('key')).toBe(true)
    await other.compareAndSet('key', record, 1)
    expect(check('own')).toBe(true)
    expect(calls).toEqual(['key'])
  })

  it('is not called for the writes of its store before it watched', async () => {
    const { store, other, check } = await openTwo()
    const keys = Array.from({ length: 1001 }, (_, index) => `${index}`)
    await Promise.all(keys.map((key) => store.compareAndSet(key, record, 0)))
    const changed = vi.fn()
    store.watch?.('0', changed)
    await other.compareAndSet('key', record, 0)
    expect(check('0')).toBe(true)
    expect(changed).not.toHaveBeenCalled()
  })

  it('is called for changes that other programs make', async () => {
    const { file, store, check } = await openTwo()
    await store.compareAndSet('key', record, 0)
    await store.compareAndSet('other', record, 0)
    const changed = vi.fn()
    store.watch?.('key', changed)
    check('key')
    const database = connect(file)
    const changes = [
      "UPDATE records SET data = x'00' WHERE key = 'key'",
      "DELETE FROM records WHERE key = 'key'",
      "INSERT INTO records VALUES ('key', 1, 1, x'')",
    ]
    for (const [index, change] of changes.entries()) {
      database.exec(change)
      check('key')
      expect(changed).toHaveBeenCalledTimes(index + 1)
    }
    database.exec("UPDATE records SET data = x'00' WHERE key = 'other'")
    check('key')
    expect(changed).toHaveBeenCalledTimes(3)
  })

  it('is called after very many changes, and after a backup was restored', async () => {
    const { file, store, check } = await openTwo()
    await store.compareAndSet('key', record, 0)
    const changed = vi.fn()
    store.watch?.('key', changed)
    check('key')
    changed.mockClear()
    const database = connect(file)
    database.exec(`
      WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1001)
      INSERT INTO records SELECT 'key ' || n, 1, 0, x'' FROM numbers
    `)
    expect(check('key')).toBe(true)
    expect(changed).toHaveBeenCalledTimes(1)
    database.exec(
      "DELETE FROM changes; UPDATE sqlite_sequence SET seq = 0; UPDATE records SET data = x'00' WHERE key = 'key'",
    )
    expect(check('key')).toBe(true)
    expect(changed).toHaveBeenCalledTimes(2)
  })

  it('that throws does not stop the others, nor the check', async () => {
    const { store, other, check } = await openTwo()
    const later = vi.spyOn(globalThis, 'queueMicrotask').mockReturnValue()
    const changed = vi.fn()
    store.watch?.('key', () => {
      throw new Error('thrown by the watcher')
    })
    store.watch?.('key', changed)
    await other.compareAndSet('key', record, 0)
    expect(check('key')).toBe(true)
    expect(changed).toHaveBeenCalledOnce()
    expect(later.mock.calls[0]?.[0]).toThrow('thrown by the watcher')
  })
})

describe('isWatching', () => {
  it('is false for a key without a watcher, and for a file that is not open', async () => {
    const { file, store, check } = await openTwo()
    expect(check('key')).toBe(false)
    const stop = store.watch?.('key', () => undefined)
    expect(check('key')).toBe(true)
    stop?.()
    stop?.()
    expect(check('key')).toBe(false)
    const closed = openStore(file)
    closed.watch?.('key', () => undefined)
    expect(closed.isWatching?.('key')).toBe(false)
    await closed.read('key')
    expect(closed.isWatching?.('key')).toBe(true)
    closed.close()
    expect(closed.isWatching?.('key')).toBe(false)
  })

  it('becomes true without a call of the store', async () => {
    const store = openStore(temporaryFile())
    store.watch?.('key', () => undefined)
    await expect.poll(() => store.isWatching?.('key')).toBe(true)
  })

  it('checks once in 20 milliseconds for all sessions', async () => {
    const { store } = await openTwo()
    const keys = Array.from({ length: 100 }, (_, index) => `${index}`)
    for (const key of keys) store.watch?.(key, () => undefined)
    const { mock } = vi.spyOn(StatementSync.prototype, 'get')
    const checks = () =>
      (mock.contexts as StatementSync[]).filter(({ sourceSQL }) => sourceSQL.includes('data_version')).length
    vi.advanceTimersByTime(20)
    expect(keys.every((key) => store.isWatching?.(key))).toBe(true)
    expect(checks()).toBe(1)
    vi.advanceTimersByTime(19)
    expect(keys.every((key) => store.isWatching?.(key))).toBe(true)
    expect(checks()).toBe(1)
    vi.advanceTimersByTime(1)
    expect(keys.every((key) => store.isWatching?.(key))).toBe(true)
    expect(checks()).toBe(2)
  })
})
