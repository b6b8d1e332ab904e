import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type SqliteStore, type SqliteStoreOptions, sqliteStore } from '@pds/session-sqlite'
import { expect, onTestFinished } from 'vitest'

/* Files and connections that exist for one test. When it ends, they are closed in reverse order, and then deleted. */

/** Creates a folder. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-session-sqlite-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Returns the path of a file that does not exist yet. */
export function temporaryFile(): string {
  return path.join(temporaryFolder(), 'sessions.db')
}

/** Opens a store. */
export function openStore(
  file: string,
  clock?: () => number,
  options?: Partial<SqliteStoreOptions>,
): SqliteStore {
  const store = sqliteStore({ path: file, clock, ...options })
  onTestFinished(() => store.close())
  return store
}

/** Opens a connection that does not belong to a store. */
export function connect(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  onTestFinished(() => {
    if (database.isOpen) database.close()
  })
  return database
}

/** Checks that no connection has the file open: only then does SQLite leave the write-ahead log mode. */
export function isOpenNowhere(file: string): boolean {
  const database = new DatabaseSync(file)
  try {
    return database.prepare('PRAGMA journal_mode = DELETE').get()?.journal_mode === 'delete'
  } catch {
    return false
  } finally {
    database.close()
  }
}

/** Returns the `Error` that a call rejects with. */
export async function failure(call: Promise<unknown>): Promise<Error> {
  const reason: unknown = await call.then(
    () => expect.fail('the call succeeded'),
    (error) => error,
  )
  expect(reason).toBeInstanceOf(Error)
  return reason as Error
}
