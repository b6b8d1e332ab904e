import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { connect, failure, isOpenNowhere, openStore, temporaryFile } from './temporary.test-helper.ts'

/*
 * Another connection holds the lock. Timers are fake, so a call that waits for the lock is the only pending timer until
 * the test advances the time.
 */

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

it('waits for a lock and then runs the call once', async () => {
  const file = temporaryFile()
  const store = openStore(file)
  await store.read('key')
  const other = connect(file)
  other.exec('BEGIN IMMEDIATE')
  const writing = store.compareAndSet('key', { epoch: 0, data: 'written' }, 0)
  await vi.advanceTimersByTimeAsync(1000)
  expect(vi.getTimerCount()).toBe(1)
  other.exec('COMMIT')
  await vi.advanceTimersByTimeAsync(25)
  expect(await writing).toBe(true)
  expect(await store.read('key')).toEqual({ epoch: 0, data: 'written', rev: 1 })
})

it('compares the revision after the lock is released', async () => {
  const file = temporaryFile()
  const store = openStore(file)
  await store.compareAndSet('key', { epoch: 0, data: 'first' }, 0)
  const other = connect(file)
  other.exec(`BEGIN IMMEDIATE; UPDATE records SET rev = 2, data = x'00'`)
  const writing = store.compareAndSet('key', { epoch: 0, data: 'lost' }, 1)
  await vi.advanceTimersByTimeAsync(0)
  expect(vi.getTimerCount()).toBe(1)
  other.exec('COMMIT')
  await vi.advanceTimersByTimeAsync(25)
  expect(await writing).toBe(false)
  expect(await store.read('key')).toEqual({ epoch: 0, data: '\0', rev: 2 })
})

it('starts a lease when the lock is released', async () => {
  const file = temporaryFile()
  let now = 0
  const store = openStore(file, () => now)
  await store.read('key')
  const other = connect(file)
  other.exec('BEGIN IMMEDIATE')
  const leasing = store.lease('key', 'one', 100)
  await vi.advanceTimersByTimeAsync(0)
  now = 50
  other.exec('COMMIT')
  await vi.advanceTimersByTimeAsync(25)
  expect(await leasing).toBeDefined()
  now = 149
  expect(await store.lease('key', 'other', 100)).toBeUndefined()
})

it('reads without waiting for a lock', async () => {
  const file = temporaryFile()
  const store = openStore(file)
  await store.compareAndSet('key', { epoch: 0, data: 'read' }, 0)
  connect(file).exec('BEGIN IMMEDIATE')
  expect(await store.read('key')).toEqual({ epoch: 0, data: 'read', rev: 1 })
})

it('rejects after 10 seconds if the lock is never released', async () => {
  const file = temporaryFile()
  const store = openStore(file)
  await store.read('key')
  const other = connect(file)
  other.exec('BEGIN IMMEDIATE')
  const writing = failure(store.compareAndSet('key', { epoch: 0, data: 'secret' }, 0))
  await vi.advanceTimersByTimeAsync(9999)
  expect(vi.getTimerCount()).toBe(1)
  await vi.advanceTimersByTimeAsync(26)
  const error = await writing
  expect(error.message).toBe(
    `SQLite: database is locked, code 5 (${file}): other connections locked the file for 10 seconds: retry the call`,
  )
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('secret')
  other.exec('COMMIT')
  expect(await store.compareAndSet('key', { epoch: 0, data: 'next' }, 0)).toBe(true)
})

it('waits once for all calls if the file is locked at the first call', async () => {
  const file = temporaryFile()
  const other = connect(file)
  other.exec('BEGIN EXCLUSIVE')
  const store = openStore(file)
  const calls = [
    store.compareAndSet('a', { epoch: 0, data: '' }, 0),
    store.compareAndSet('b', { epoch: 0, data: '' }, 0),
  ]
  await vi.advanceTimersByTimeAsync(1000)
  expect(vi.getTimerCount()).toBe(1)
  other.exec('COMMIT')
  await vi.advanceTimersByTimeAsync(25)
  expect(await Promise.all(calls)).toEqual([true, true])
})

it('counts the time to open the file toward the 10 seconds of a call', async () => {
  const file = temporaryFile()
  const other = connect(file)
  other.exec('BEGIN EXCLUSIVE')
  const store = openStore(file)
  const reading = failure(store.read('key'))
  await vi.advanceTimersByTimeAsync(9000)
  const later = store.read('key')
  await vi.advanceTimersByTimeAsync(1025)
  expect((await reading).message).toContain('SQLite: database is locked')
  other.exec('COMMIT')
  await vi.advanceTimersByTimeAsync(25)
  expect(await later).toBeUndefined()
})

it('reads while writes wait for a lock, but not a key that waits to be written', async () => {
  const file = temporaryFile()
  const store = openStore(file)
  await store.compareAndSet('other', { epoch: 0, data: 'read' }, 0)
  const other = connect(file)
  other.exec('BEGIN IMMEDIATE')
  const writing = store.compareAndSet('key', { epoch: 0, data: 'written' }, 0)
  const reading = store.read('key')
  expect(await store.read('other')).toEqual({ epoch: 0, data: 'read', rev: 1 })
  other.exec('COMMIT')
  await vi.advanceTimersByTimeAsync(25)
  expect(await writing).toBe(true)
  expect(await reading).toEqual({ epoch: 0, data: 'written', rev: 1 })
})

it('rejects a call that waits to open the file when the store is closed, and leaves no connection open', async () => {
  const file = temporaryFile()
  const other = connect(file)
  other.exec('BEGIN EXCLUSIVE')
  const store = openStore(file)
  const opening = failure(store.read('key'))
  await vi.advanceTimersByTimeAsync(100)
  store.close()
  other.exec('COMMIT')
  await vi.advanceTimersByTimeAsync(25)
  expect(await opening).toMatchObject({ code: 'InvalidParameter', message: 'the store is closed' })
  other.close()
  expect(isOpenNowhere(file)).toBe(true)
})

it('rejects a call that waits to write when the store is closed', async () => {
  const file = temporaryFile()
  const store = openStore(file)
  await store.read('key')
  const other = connect(file)
  other.exec('BEGIN IMMEDIATE')
  const writing = failure(store.compareAndSet('key', { epoch: 0, data: '' }, 0))
  await vi.advanceTimersByTimeAsync(100)
  store.close()
  other.exec('COMMIT')
  await vi.advanceTimersByTimeAsync(25)
  expect((await writing).message).toBe('the store is closed')
  expect(await openStore(file).read('key')).toBeUndefined()
})
