import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { connect, failure, openStore, temporaryFile } from './temporary.test-helper.ts'

const record = { epoch: 0, data: 'before' }
const stored = { ...record, rev: 1 }

function remove(...files: string[]): void {
  for (const file of files) rmSync(file)
}

/** Replaces a database by a copy in which the data of each record is `copy`. */
function replaceByCopy(file: string): void {
  connect(file).exec(`VACUUM INTO '${file}.copy'`)
  const copy = connect(`${file}.copy`)
  copy.exec("UPDATE records SET data = CAST('copy' AS BLOB)")
  copy.close()
  renameSync(`${file}.copy`, file)
}

describe.each([
  ['deleted', remove, undefined],
  ['deleted with its log', (file: string) => remove(file, `${file}-wal`, `${file}-shm`), undefined],
  ['moved', (file: string) => renameSync(file, `${file}.moved`), undefined],
  ['replaced', replaceByCopy, { ...stored, data: 'copy' }],
  ['left without its log', (file: string) => remove(`${file}-wal`, `${file}-shm`), stored],
  ['left without -wal', (file: string) => remove(`${file}-wal`), stored],
  ['left without -shm', (file: string) => remove(`${file}-shm`), stored],
])('a database that is %s while two stores have it open', (_case, change, found) => {
  const open = async () => {
    const file = temporaryFile()
    const [one, other] = [openStore(file), openStore(file)]
    await one.compareAndSet('key', record, 0)
    expect(await other.read('key')).toEqual(stored)
    return { file, one, other }
  }

  it('is opened anew by both', async () => {
    const { file, one, other } = await open()
    change(file)
    expect(await other.read('key')).toEqual(found)
    expect(await one.compareAndSet('key', { epoch: 1, data: 'after' }, found?.rev ?? 0)).toBe(true)
    const after = { epoch: 1, data: 'after', rev: (found?.rev ?? 0) + 1 }
    expect([await one.read('key'), await other.read('key')]).toEqual([after, after])
    expect(await other.compareAndSet('key', record, after.rev)).toBe(true)
    expect((await one.read('key'))?.rev).toBe(after.rev + 1)
    expect(connect(file).prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  })

  it('gets no write for a record that it does not have', async () => {
    const { file, one, other } = await open()
    change(file)
    const rev = found ? 3 : 1
    const writes = [one, other].map((store) => store.compareAndSet('key', { epoch: 1, data: 'lost' }, rev))
    expect(await Promise.all(writes)).toEqual([false, false])
    expect(await openStore(file).read('key')).toEqual(found)
  })

  it('is not watched until it is opened anew, and then all watchers are called', async () => {
    const { file, one } = await open()
    const changed = vi.fn()
    one.watch?.('key', changed)
    await expect.poll(() => one.isWatching?.('key')).toBe(true)
    change(file)
    await expect.poll(() => one.isWatching?.('key')).toBe(false)
    changed.mockClear()
    await one.read('another key')
    expect(changed).toHaveBeenCalledOnce()
    expect(one.isWatching?.('key')).toBe(true)
  })
})

it('keeps a moved database complete', async () => {
  const file = temporaryFile()
  const store = openStore(file)
  await store.compareAndSet('key', record, 0)
  renameSync(file, `${file}.moved`)
  expect(await store.read('key')).toBeUndefined()
  expect(await openStore(`${file}.moved`).read('key')).toEqual(stored)
})

describe('a database that is deleted during a write', () => {
  /** Opens a store that deletes its file while it takes a lease of the key `deleted`. */
  const openDeletingStore = async (times: number) => {
    const file = temporaryFile()
    let left = times
    const store = openStore(file, () => {
      if (left-- > 0) rmSync(file)
      return 1000
    })
    await store.read('key')
    return { file, store }
  }

  it('is created again, with the writes', async () => {
    const { file, store } = await openDeletingStore(1)
    const calls = [store.compareAndSet('key', record, 0), store.lease('key', 'one', 60_000)]
    expect(await Promise.all(calls)).toEqual([true, { fence: 1000, record: stored }])
    expect(await openStore(file).read('key')).toEqual(stored)
    expect(await openStore(file, () => 1000).lease('key', 'other', 60_000)).toBeUndefined()
  })

  it('is not created a third time for the same writes', async () => {
    const { file, store } = await openDeletingStore(2)
    const calls = [store.compareAndSet('key', record, 0), store.lease('key', 'one', 60_000)]
    for (const error of await Promise.all(calls.map(failure))) {
      expect(error.message).toContain(`${file} was deleted or replaced several times during one call`)
    }
    expect(existsSync(file)).toBe(false)
    expect(await store.read('key')).toBeUndefined()
    expect(await store.compareAndSet('key', record, 0)).toBe(true)
  })
})

it('creates dropped tables again', async () => {
  const file = temporaryFile()
  const store = openStore(file)
  await store.compareAndSet('key', record, 0)
  connect(file).exec('DROP TABLE changes')
  expect(await store.compareAndSet('key', { epoch: 1, data: 'after' }, 1)).toBe(true)
})

it('rejects a database that was overwritten with other content until it is deleted', async () => {
  const file = temporaryFile()
  const store = openStore(file)
  await store.compareAndSet('key', record, 0)
  for (const suffix of ['', '-wal', '-shm']) writeFileSync(file + suffix, 'no database '.repeat(10_000))
  await failure(store.compareAndSet('key', record, 1))
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
  expect(await store.compareAndSet('key', record, 0)).toBe(true)
  expect(await openStore(file).read('key')).toEqual(stored)
})
