import type { DatabaseSync } from 'node:sqlite'
import { toText } from './stored-record.ts'

// So few that the transaction stays short.
const maxRows = 20
// A change that is this far in the future was written by a wrong clock. In milliseconds.
const clockTolerance = 1000

/** The result of a deletion. */
export interface Deletion {
  /** The keys of the deleted records. */
  keys: string[]
  /** Whether there may be more unused sessions. */
  hasMore: boolean
}

interface OldRow {
  change: number
  key: Uint8Array
  age: number
  leaseAge: number | null
}

/**
 * Prepares a call that deletes the oldest records and leases, if their last write or lease is `expireAfter` milliseconds
 * or longer ago. `now` is the time of leases in milliseconds.
 */
export function prepareDeletion(database: DatabaseSync): (expireAfter: number, now: number) => Deletion {
  const oldest = database.prepare(`
    SELECT change, CAST(key AS BLOB) AS key, ? - CAST(taken AS REAL) AS leaseAge,
      CAST(strftime('%s', 'now') - seconds AS REAL) * 1000 AS age
    FROM changes LEFT JOIN leases USING (key) ORDER BY change LIMIT ${maxRows}
  `)
  const keyOf = '(SELECT key FROM changes WHERE change = ?)'
  const deleteLease = database.prepare(`DELETE FROM leases WHERE key = ${keyOf}`)
  const deleteRecord = database.prepare(`DELETE FROM records WHERE key = ${keyOf}`)
  const deleteChange = database.prepare('DELETE FROM changes WHERE change = ?')
  const renewChange = database.prepare(`INSERT OR REPLACE INTO changes (key) VALUES (${keyOf})`)

  return (expireAfter, now) => {
    const rows = oldest.all(now) as unknown as OldRow[]
    const keys: string[] = []
    for (const { change, key, age, leaseAge } of rows) {
      const isLeased = leaseAge !== null && leaseAge >= -clockTolerance && leaseAge < expireAfter
      if (age >= expireAfter && !isLeased) {
        deleteLease.run(change)
        // The deletion of a record is a change, which is deleted later.
        if (deleteRecord.run(change).changes === 0) deleteChange.run(change)
        else keys.push(toText(key) ?? '')
      } else if (age >= expireAfter || age < -clockTolerance) {
        renewChange.run(change)
      } else {
        return { keys, hasMore: false }
      }
    }
    return { keys, hasMore: rows.length === maxRows }
  }
}
