import type { DatabaseSync } from 'node:sqlite'
import type { LeaseHolder, StoredRecord, StoreLease, StoreRecord } from '@pds/session'
import { integerOr, maxInteger, recordColumns, storedRev, toRecord, toText } from './stored-record.ts'

/** The calls of a store on its database. The caller runs each in a transaction. A key is a text from `keyText`. */
export interface DatabaseCalls {
  read(key: string): StoredRecord | undefined
  /** Returns false if the stored record does not have the revision `expectedRev`. */
  compareAndSet(key: string, record: StoreRecord, expectedRev: number, release?: LeaseHolder): boolean
  /** Returns undefined if another owner holds the lease. `now` and `ttl` are in milliseconds. */
  lease(key: string, owner: string, now: number, ttl: number): StoreLease | undefined
  release(key: string, holder: LeaseHolder): void
  /** Returns the next rows with a record, after the number of a row. A damaged key is undefined. */
  list(after: number): { row: number; key: string | undefined }[]
}

interface LeaseRow {
  isOther: 0 | 1
  taken: number
  ttl: number
  fence: number
}

// A lease that was taken more than this in the future counts as expired, because a wrong clock wrote it. The tolerance
// is needed because two processes may write in another order than they read the clock. In milliseconds.
const clockTolerance = 1000
// A longer duration, in milliseconds, is damaged: no option of a session accepts it.
const maxDuration = 2_147_483_647
// The number of keys that are read at a time.
const pageSize = 500

/** Prepares the statements of a store on an open database. It and every call throw the errors of SQLite unchanged. */
export function prepareCalls(database: DatabaseSync, file: string): DatabaseCalls {
  const select = database.prepare(`SELECT ${recordColumns()} FROM records WHERE key = ?`)
  const insert = database.prepare(
    'INSERT INTO records (key, rev, epoch, data) VALUES (?, 1, ?, CAST(? AS BLOB)) ON CONFLICT (key) DO NOTHING',
  )
  const update = database.prepare(`
    UPDATE records SET rev = max(${storedRev()}, 0) % ${maxInteger} + 1, epoch = ?, data = CAST(? AS BLOB)
    WHERE key = ? AND ${storedRev()} = ?
  `)
  // SQL compares the owners, because Node.js 22 reads a text only up to its first NUL.
  const selectLease = database.prepare(`
    SELECT owner IS NOT NULL AND owner IS NOT ? AS isOther, ${integerOr(0, 'fence', 1)} AS fence,
      CAST(taken AS REAL) AS taken, CAST(ttl AS REAL) AS ttl
    FROM leases WHERE key = ?
  `)
  const setLease = database.prepare(`
    INSERT INTO leases (key, owner, taken, ttl, fence) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE
    SET owner = excluded.owner, taken = excluded.taken, ttl = excluded.ttl, fence = excluded.fence
  `)
  // Keep the row: the next fencing token must be higher.
  const releaseLease = database.prepare(
    'UPDATE leases SET owner = NULL WHERE key = ? AND owner = ? AND fence = ?',
  )
  // As bytes, because Node.js 22 reads a text only up to its first NUL.
  const selectKeys = database.prepare(
    `SELECT rowid AS row, CAST(key AS BLOB) AS key FROM records WHERE rowid > ? ORDER BY rowid LIMIT ${pageSize}`,
  )

  const calls: DatabaseCalls = {
    read(key) {
      const row = select.get(key)
      return row && toRecord(row, file)
    },
    compareAndSet(key, { epoch, data }, expectedRev, release) {
      const { changes } =
        expectedRev === 0 ? insert.run(key, epoch, data) : update.run(epoch, data, key, expectedRev)
      if (changes === 0) return false
      if (release) calls.release(key, release)
      return true
    },
    lease(key, owner, now, ttl) {
      const held = selectLease.get(owner, key) as LeaseRow | undefined
      if (held?.isOther && isHeld(held, now)) return undefined
      // At least the time, so that it increases even if the row of the last one was deleted.
      const fence = Math.max((held?.fence ?? 0) + 1, Math.ceil(now))
      setLease.run(key, owner, now, ttl, fence)
      return { fence, record: calls.read(key) }
    },
    release: (key, { owner, fence }) => void releaseLease.run(key, owner, fence),
    list: (after) => selectKeys.all(after).map(({ row, key }) => ({ row: Number(row), key: toText(key) })),
  }
  return calls
}

function isHeld({ taken, ttl }: LeaseRow, now: number): boolean {
  return now < taken + ttl && now >= taken - clockTolerance && ttl <= maxDuration
}
