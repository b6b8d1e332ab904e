import { expect, it, vi } from 'vitest'
import { connect, openStore, temporaryFile } from './temporary.test-helper.ts'

// The schema and the statements of the first version.
const firstVersion = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE records (key TEXT PRIMARY KEY, rev INTEGER NOT NULL, epoch INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
  CREATE TABLE leases (
    key TEXT PRIMARY KEY, owner TEXT, fence INTEGER NOT NULL, taken REAL NOT NULL, ttl REAL NOT NULL
  ) STRICT;
  PRAGMA user_version = 1;
  INSERT INTO records VALUES ('key', 7, 1, CAST('old' AS BLOB));
  INSERT INTO leases VALUES ('key', NULL, 5, 0, 60000);
`

it('uses a file of the first version together with a process of that version', async () => {
  const file = temporaryFile()
  const old = connect(file)
  old.exec(firstVersion)
  const read = old.prepare('SELECT rev, epoch, data FROM records WHERE key = ?')
  const insert = old.prepare(
    'INSERT INTO records (key, rev, epoch, data) VALUES (?, 1, ?, CAST(? AS BLOB)) ON CONFLICT (key) DO NOTHING',
  )
  const update = old.prepare(
    'UPDATE records SET rev = rev + 1, epoch = ?, data = CAST(? AS BLOB) WHERE key = ? AND rev = ?',
  )
  expect(read.get('key')).toMatchObject({ rev: 7 })

  const store = openStore(file, () => 3)
  expect(await store.read('key')).toEqual({ epoch: 1, data: 'old', rev: 7 })
  expect(await store.lease('key', 'one', 60_000)).toEqual({
    fence: 6,
    record: { epoch: 1, data: 'old', rev: 7 },
  })
  expect(await store.compareAndSet('key', { epoch: 2, data: 'new' }, 7)).toBe(true)
  expect(read.get('key')).toMatchObject({ rev: 8, epoch: 2 })

  const changed = vi.fn()
  store.watch?.('key', changed)
  store.watch?.('inserted', changed)
  expect(update.run(3, 'updated', 'key', 8).changes).toBe(1)
  await expect.poll(() => store.isWatching?.('key') && changed.mock.calls.length).toBe(1)
  expect(insert.run('inserted', 0, 'inserted').changes).toBe(1)
  await expect.poll(() => store.isWatching?.('key') && changed.mock.calls.length).toBe(2)
  expect(await store.read('key')).toEqual({ epoch: 3, data: 'updated', rev: 9 })
  expect(connect(file).prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 })
})

it('deletes unused sessions of a file of the first version 30 days after it was first opened', async () => {
  const file = temporaryFile()
  const old = connect(file)
  old.exec(firstVersion)
  const store = openStore(file, Date.now, { expireAfter: 2_592_000_000 })
  await store.compareAndSet('writer', { epoch: 0, data: '' }, 0)
  expect(await store.read('key')).toBeDefined()
  old.exec('UPDATE changes SET seconds = seconds - 2592000')
  const next = openStore(file, Date.now, { expireAfter: 2_592_000_000 })
  await next.compareAndSet('writer', { epoch: 0, data: '' }, 1)
  expect(await next.read('key')).toBeUndefined()
})
