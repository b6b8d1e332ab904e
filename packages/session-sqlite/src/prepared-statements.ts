import type { DatabaseSync } from 'node:sqlite'
import type { StoredRecord, StoreRecord } from '@pds/session'

/** The calls of a store, each of them one statement: complete or not done at all. */
export interface DatabaseCalls {
  read(key: string): StoredRecord | undefined
  /** Gives whether it wrote. */
  insert(key: string, record: StoreRecord): boolean
  /** Gives whether it wrote. */
  update(key: string, record: StoreRecord, expectedRev: number): boolean
  /** Gives the fence. Both times in milliseconds. */
  lease(key: string, owner: string, now: number, ttl: number): number | undefined
  release(key: string, owner: string, fence: number): void
}

// A clock that was set back by more than this ends the leases that it took before, in milliseconds. Two processes that
// read the same clock may still come in another order than they read it.
const clockTolerance = 1000

/** Prepares the calls of a store in its open database. Throws what SQLite throws, and so does each call. */
export function prepareCalls(database: DatabaseSync): DatabaseCalls {
  const read = database.prepare('SELECT rev, epoch, data FROM records WHERE key = ?')
  const insert = database.prepare(
    'INSERT INTO records (key, rev, epoch, data) VALUES (?, 1, ?, CAST(? AS BLOB)) ON CONFLICT (key) DO NOTHING',
  )
  const update = database.prepare(
    'UPDATE records SET rev = rev + 1, epoch = ?, data = CAST(? AS BLOB) WHERE key = ? AND rev = ?',
  )
  const lease = database.prepare(`
    INSERT INTO leases (key, owner, taken, ttl, fence) VALUES (?, ?, ?, ?, 1)
    ON CONFLICT (key) DO UPDATE
    SET owner = excluded.owner, taken = excluded.taken, ttl = excluded.ttl, fence = leases.fence + 1
    WHERE leases.owner IS NULL
      OR leases.owner = excluded.owner
      OR excluded.taken >= leases.taken + leases.ttl
      OR excluded.taken < leases.taken - ${clockTolerance}
    RETURNING fence
  `)
  // The row stays: the next fence counts on from it.
  const release = database.prepare('UPDATE leases SET owner = NULL WHERE key = ? AND owner = ? AND fence = ?')

  return {
    read(key) {
      const row = read.get(key)
      return row && { epoch: Number(row.epoch), data: toText(row.data), rev: Number(row.rev) }
    },
    insert: (key, { epoch, data }) => insert.run(key, epoch, data).changes === 1,
    update: (key, { epoch, data }, rev) => update.run(epoch, data, key, rev).changes === 1,
    lease(key, owner, now, ttl) {
      // `get` would stop before the commit, and not tell where that fails.
      const [row] = lease.all(key, owner, now, ttl)
      return row && Number(row.fence)
    },
    release: (key, owner, fence) => void release.run(key, owner, fence),
  }
}

function toText(bytes: unknown): string {
  // A byte order mark is kept then, as any other character.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes as Uint8Array)
}
