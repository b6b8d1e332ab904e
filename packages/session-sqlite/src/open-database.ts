import type { DatabaseSync } from 'node:sqlite'
import { PDSError } from '@pds/core/internal'
import { createPrivateFile, makePrivate } from './private-file.ts'

// Stored as PRAGMA user_version. Increment it when the schema changes in an incompatible way.
const schemaVersion = 1

// `data` is a BLOB because Node.js 22 reads a TEXT only up to its first NUL. Times are in milliseconds, and REAL because
// a clock may return fractions.
const tables = `
  CREATE TABLE records (
    key TEXT PRIMARY KEY,
    rev INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
  CREATE TABLE leases (
    key TEXT PRIMARY KEY,
    owner TEXT,
    fence INTEGER NOT NULL,
    taken REAL NOT NULL,
    ttl REAL NOT NULL
  ) STRICT;
`

/**
 * Opens the database of a store, and creates the file and its tables if they are missing. Leaves no connection open
 * when it throws.
 *
 * Throws a `PDSError` with code `UnsupportedEnvironment` if the runtime has no SQLite, an error of SQLite or the
 * operating system, or an `Error` that says why the file is rejected. A rejected file is not changed.
 */
export function openDatabase(file: string): DatabaseSync {
  const [fs, sqlite] = [builtin('node:fs'), builtin('node:sqlite')]
  if (!fs || !sqlite) {
    throw new PDSError(
      'sqliteStore requires node:sqlite: use Node.js 22.13 or newer, Bun or Deno, or another store',
      { code: 'UnsupportedEnvironment', outcome: 'not-sent' },
    )
  }
  createPrivateFile(file, fs)
  const stats = fs.statSync(file, { throwIfNoEntry: false })
  if (stats && !stats.isFile())
    throw new Error(`${file} is not a regular file: path must be the path of a file`)
  const database = new sqlite.DatabaseSync(file)
  try {
    assertOwnDatabase(database, file)
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()
    if (mode?.journal_mode !== 'wal') {
      throw new Error(`SQLite cannot use a write-ahead log for ${file}: put the file on a local file system`)
    }
    database.exec('PRAGMA synchronous = FULL')
    createTables(database)
    makePrivate(file, fs)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function assertOwnDatabase(database: DatabaseSync, file: string): void {
  // Read the tables before the version: another process may be creating both in one transaction.
  const isEmpty = database.prepare('SELECT * FROM sqlite_schema').get() === undefined
  const found = versionOf(database)
  if (found !== 0 && found !== schemaVersion) {
    throw new Error(
      `${file} has schema version ${found}, but this @pds/session-sqlite supports version ${schemaVersion}: update the package`,
    )
  }
  if (found === 0 && !isEmpty) {
    throw new Error(`${file} is the database of another program: give sqliteStore a separate file`)
  }
}

function createTables(database: DatabaseSync): void {
  if (versionOf(database) === schemaVersion) return
  // `exec` would not do: its errors in Deno do not say that the file is locked.
  database.prepare('BEGIN IMMEDIATE').run()
  // Another process may have created the tables before this one got the lock.
  if (versionOf(database) === 0) database.exec(`${tables} PRAGMA user_version = ${schemaVersion}`)
  database.exec('COMMIT')
}

function versionOf(database: DatabaseSync): unknown {
  return database.prepare('PRAGMA user_version').get()?.user_version
}

interface Builtins {
  'node:fs': typeof import('node:fs')
  'node:path': typeof import('node:path')
  'node:sqlite': typeof import('node:sqlite')
}

/**
 * Returns a built-in module of Node.js, or undefined if the runtime does not have it.
 *
 * The module is loaded on demand instead of imported: an import would fail in a runtime without SQLite, and some bundlers
 * fail on any `node:` import.
 */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
  const host: { getBuiltinModule?: (id: Name) => Builtins[Name] | undefined } | undefined = globalThis.process
  return host?.getBuiltinModule?.(name)
}
