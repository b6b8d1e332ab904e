import type { DatabaseSync } from 'node:sqlite'
import { toText } from './stored-record.ts'

// After more changes, all records count as changed: reading the log would take too long.
const maxChanges = 1000

/** Tells which records other connections have changed. Each call throws the errors of SQLite unchanged. */
export interface ChangeLog {
  /**
   * Returns the keys of the records that other connections may have changed since the last call, or undefined if they are
   * too many to name.
   */
  read(): string[] | undefined
  /** Returns a function that skips all changes until now. To be called before and after the commit of own changes. */
  skipOwn(): () => void
}

/** Opens the log at its end. */
export function openChangeLog(database: DatabaseSync): ChangeLog {
  const dataVersion = database.prepare('PRAGMA data_version')
  const newest = database.prepare('SELECT max(change) AS change FROM changes')
  const select = database.prepare(
    `SELECT CAST(key AS BLOB) AS key FROM changes WHERE change > ? LIMIT ${maxChanges + 1}`,
  )
  // SQLite changes this number at the commits of other connections.
  const readVersion = () => dataVersion.get()?.data_version
  const readNewest = () => Number(newest.get()?.change)
  let version = readVersion()
  let last = readNewest()

  return {
    read() {
      const current = readVersion()
      if (current === version) return []
      const [since, end] = [last, readNewest()]
      // Also returns changes after `end`. The next call returns them again.
      const rows = select.all(since)
      last = end
      version = current
      // A restored backup has fewer changes.
      if (end < since || rows.length > maxChanges) return undefined
      return rows.map(({ key }) => toText(key) ?? '')
    },
    skipOwn() {
      const end = readNewest()
      return () => {
        last = end
      }
    },
  }
}
