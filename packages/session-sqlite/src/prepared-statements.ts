import type { DatabaseSync } from 'node:sqlite'
import type { StoredRecord, StoreRecord } from '@pds/session'

/** The calls of a store on its database. Each call is a single statement, and therefore atomic. */
export interface DatabaseCalls {
  read(key: string): StoredRecord | undefined
  /** Inserts the first record of a key. Returns false if the key has a record already. */
  insert(key: string, record: StoreRecord): boolean
  /** Replaces the record with revision `expectedRev`. Returns false if the stored record has another revision. */
  update(key: string, record: StoreRecord, expectedRev: number): boolean
  /** Returns the fencing token, or undefined if another owner holds the lease. `now` and `ttl` are in milliseconds. */
  lease(key: string, owner: string, now: number, ttl: number): number | undefined
  release(key: string, owner: string, fence: number): void
}

// A lease that was taken more than this in the future counts as expired, because the clock was set back. The tolerance
// is needed because two processes may write in another order than they read the clock. In milliseconds.
const clockTolerance = 1000

/** Prepares the statements of a store on an open database. It and every call throw the errors of SQLite unchanged. */
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
  // Keep the row: the next fencing token must be higher.
  const release = database.prepare('UPDATE leases SET owner = NULL WHERE key = ? AND owner = ? AND fence = ?')

  return {
    read(key) {
      const row = read.get(key)
      return row && { epoch: Number(row.epoch), data: toText(row.data), rev: Number(row.rev) }
    },
    insert: (key, { epoch, data }) => insert.run(key, epoch, data).changes === 1,
    update: (key, { epoch, data }, rev) => update.run(epoch, data, key, rev).changes === 1,
    lease(key, owner, now, ttl) {
      // `get` stops before the commit, and would not report that the commit failed.
      const [row] = lease.all(key, owner, now, ttl)
      return row && Number(row.fence)
    },
    release: (key, owner, fence) => void release.run(key, owner, fence),
  }
}

function toText(bytes: unknown): string {
  // `ignoreBOM` keeps a byte order mark as part of the text.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes as Uint8Array)
}
