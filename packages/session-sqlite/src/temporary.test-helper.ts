import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type SqliteStore, sqliteStore } from '@pds/session-sqlite'
import { expect, onTestFinished } from 'vitest'

/* What is gone when the test that asked for it is over: closed in the reverse order, then removed. */

/** A new folder. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-session-sqlite-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** The path of a file that does not exist yet. */
export function temporaryFile(): string {
  return path.join(temporaryFolder(), 'sessions.db')
}

export function openStore(file: string, clock?: () => number): SqliteStore {
  const store = sqliteStore({ path: file, clock })
  onTestFinished(() => store.close())
  return store
}

/** A connection to a file that is not the store's. */
export function connect(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  onTestFinished(() => {
    if (database.isOpen) database.close()
  })
  return database
}

/** Whether no connection has the file open: only then SQLite gives up its write-ahead log. */
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

export async function failure(call: Promise<unknown>): Promise<Error> {
  const reason: unknown = await call.then(
    () => expect.fail('the call succeeded'),
    (error) => error,
  )
  expect(reason).toBeInstanceOf(Error)
  return reason as Error
}
