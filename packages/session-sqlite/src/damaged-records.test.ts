import { describe, expect, it } from 'vitest'
import { connect, openStore, temporaryFile } from './temporary.test-helper.ts'

const record = { epoch: 3, data: 'secret data' }
const next = { epoch: 4, data: 'replaced' }

describe('a damaged record is returned with its error and can be replaced', () => {
  it.each([
    ['a revision beyond exact integers', 'rev = 9007199254740993', { rev: -1, epoch: 3 }, 'revision'],
    ['the last exact revision', 'rev = 9007199254740991', { rev: -1, epoch: 3 }, 'revision'],
    ['the highest revision of SQLite', 'rev = 9223372036854775807', { rev: -1, epoch: 3 }, 'revision'],
    ['the revision 0', 'rev = 0', { rev: -1, epoch: 3 }, 'revision'],
    ['a negative revision', 'rev = -9223372036854775808', { rev: -1, epoch: 3 }, 'revision'],
    ['an epoch beyond exact integers', 'epoch = 9223372036854775807', { rev: 1, epoch: 0 }, 'epoch'],
    ['a negative epoch', 'epoch = -1', { rev: 1, epoch: 0 }, 'epoch'],
    ['bytes that are not UTF-8', "data = x'ff'", { rev: 1, epoch: 3 }, 'data'],
    ['cut UTF-8', "data = x'e5ad'", { rev: 1, epoch: 3 }, 'data'],
    ['a lone surrogate', "data = x'eda080'", { rev: 1, epoch: 3 }, 'data'],
    ['nothing valid', "rev = 0, epoch = -1, data = x'ff'", { rev: -1, epoch: 0 }, 'revision'],
  ])('with %s', async (_case, damage, found, damaged) => {
    const file = temporaryFile()
    const store = openStore(file)
    await store.compareAndSet('key', record, 0)
    connect(file).exec(`UPDATE records SET ${damage}`)
    const stored = await store.read('key')
    expect(stored).toEqual({ ...found, data: '', error: expect.any(Error) })
    const message = `the ${damaged} of a stored session is damaged (${file}): sign in again to replace it`
    expect(stored?.error?.message).toBe(message)
    expect((await store.lease('key', 'one', 60_000))?.record).toEqual(stored)
    for (const rev of [0, 2, found.rev === 1 ? -1 : 1]) {
      expect(await store.compareAndSet('key', next, rev)).toBe(false)
    }
    expect(await store.compareAndSet('key', next, found.rev)).toBe(true)
    const replaced = await store.read('key')
    expect(replaced).toEqual({ ...next, rev: found.rev === 1 ? 2 : 1 })
    expect(await store.compareAndSet('key', record, replaced?.rev ?? 0)).toBe(true)
  })

  it.each([
    ['NULL', 'NULL', 'NULL'],
    ['text', "'one'", "'two'"],
    ['fractions', '1.5', '2.5'],
    ['infinity', '9e999', '-9e999'],
    ['bytes', "x'01'", "x''"],
  ])('with %s in tables that accept any type', async (_case, number, other) => {
    const file = temporaryFile()
    connect(file).exec(`
      CREATE TABLE records (key TEXT PRIMARY KEY, rev INTEGER, epoch INTEGER, data BLOB);
      CREATE TABLE leases (key TEXT PRIMARY KEY, owner TEXT, fence INTEGER, taken REAL, ttl REAL);
      INSERT INTO records VALUES ('key', ${number}, ${other}, NULL);
      INSERT INTO leases VALUES ('key', ${other}, ${number}, ${number}, ${other});
      PRAGMA user_version = 1;
    `)
    const store = openStore(file)
    const damaged = { rev: -1, epoch: 0, data: '', error: expect.any(Error) }
    expect(await store.read('key')).toEqual(damaged)
    const lease = await store.lease('key', 'one', 60_000)
    expect(lease).toEqual({ fence: expect.any(Number), record: damaged })
    const holder = { owner: 'one', fence: lease?.fence ?? 0 }
    expect(await store.compareAndSet('key', next, -1, holder)).toBe(true)
    expect((await store.lease('key', 'other', 60_000))?.record).toEqual({ ...next, rev: 1 })
  })

  it('while the other records stay readable', async () => {
    const file = temporaryFile()
    const store = openStore(file)
    const keys = ['one', 'damaged', 'other']
    await Promise.all(keys.map((key) => store.compareAndSet(key, record, 0)))
    connect(file).exec("UPDATE records SET rev = 9223372036854775807 WHERE key = 'damaged'")
    const revs = await Promise.all(keys.map(async (key) => (await store.read(key))?.rev))
    expect(revs).toEqual([1, -1, 1])
  })
})

it('writes a valid revision over the highest one', async () => {
  const file = temporaryFile()
  const store = openStore(file)
  await store.compareAndSet('key', record, 0)
  connect(file).exec('UPDATE records SET rev = 9007199254740990')
  expect(await store.compareAndSet('key', next, 9_007_199_254_740_990)).toBe(true)
  expect(await store.read('key')).toEqual({ ...next, rev: 1 })
})

it('does not take a missing record for a damaged one', async () => {
  const store = openStore(temporaryFile())
  expect(await store.compareAndSet('key', record, -1)).toBe(false)
  expect(await store.read('key')).toBeUndefined()
})
