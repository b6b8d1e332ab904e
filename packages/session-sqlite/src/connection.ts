import { type ChangeLog, openChangeLog } from './change-log.ts'
import { ReplacedFileError } from './database-files.ts'
import { openDatabase } from './open-database.ts'
import { type DatabaseCalls, prepareCalls } from './prepared-statements.ts'
import { type Deletion, prepareDeletion } from './unused-rows.ts'

/** An open database. Each method throws the errors of SQLite unchanged. */
export interface Connection {
  readonly calls: DatabaseCalls
  readonly changes: ChangeLog
  readonly deleteUnused: (expireAfter: number, now: number) => Deletion
  begin(isWrite: boolean): void
  commit(): void
  rollback(): void
  /** Throws a `ReplacedFileError` if the file was deleted or replaced. */
  assertCurrent(): void
  /** Closes the connection, also if the file was deleted or replaced. */
  close(): void
}

/** Opens the database of a store. Leaves no connection open when it throws. */
export function openConnection(file: string): Connection {
  const { database, files } = openDatabase(file)
  // `exec` would not do: its errors in Deno do not say that the file is locked.
  const prepare = (sql: string) => {
    const statement = database.prepare(sql)
    return () => void statement.run()
  }
  try {
    const [begin, beginWrite] = [prepare('BEGIN'), prepare('BEGIN IMMEDIATE')]
    return {
      calls: prepareCalls(database, file),
      changes: openChangeLog(database),
      deleteUnused: prepareDeletion(database),
      begin: (isWrite) => (isWrite ? beginWrite() : begin()),
      commit: prepare('COMMIT'),
      rollback: prepare('ROLLBACK'),
      assertCurrent() {
        if (!files.areCurrent()) throw new ReplacedFileError(file)
      },
      close() {
        try {
          if (!files.areCurrent()) files.salvage(() => database.exec('PRAGMA wal_checkpoint'))
        } catch {
          // Only the log is lost.
        } finally {
          database.close()
        }
      },
    }
  } catch (error) {
    database.close()
    throw error
  }
}
