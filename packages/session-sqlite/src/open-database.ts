import type { DatabaseSync } from 'node:sqlite'
import { PDSError } from '@pds/core/internal'
import { createPrivateFile, makePrivate } from './private-file.ts'

// What PRAGMA user_version says of a file. A change of the tables that this code could not work with raises it.
const version = 1

// Data is a BLOB: of a TEXT, Node.js 22 reads only what stands before the first NUL. Times are milliseconds, with
// fractions where the clock has some.
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
 * Opens the file of a store, and makes it one where it is new. Leaves nothing open where that fails.
 *
 * Throws a `PDSError` `UnsupportedEnvironment` where the runtime has no SQLite, an error of SQLite or of the system, or
 * one that says why the file is refused: that one is left as it is.
 */
export function openDatabase(file: string): DatabaseSync {
  const [fs, sqlite] = [builtin('node:fs'), builtin('node:sqlite')]
  if (!fs || !sqlite) {
    throw new PDSError(
      'sqliteStore needs the SQLite of Node.js, which is there from version 22.13: update it, or use another store',
      { code: 'UnsupportedEnvironment', outcome: 'not-sent' },
    )
  }
  createPrivateFile(file, fs)
  const stats = fs.statSync(file, { throwIfNoEntry: false })
  if (stats && !stats.isFile()) throw new Error(`the path of a sqliteStore must be that of a file: ${file}`)
  const database = new sqlite.DatabaseSync(file)
  try {
    refuseForeign(database, file)
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()
    if (mode?.journal_mode !== 'wal') {
      throw new Error(`SQLite cannot keep a write-ahead log here, as on a network file system: ${file}`)
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

function refuseForeign(database: DatabaseSync, file: string): void {
  // In this order: another process may just be creating the tables, and the version with them.
  const isEmpty = database.prepare('SELECT * FROM sqlite_schema').get() === undefined
  const found = versionOf(database)
  if (found !== 0 && found !== version) {
    throw new Error(
      `the sessions in ${file} have version ${found}, this @pds/session-sqlite knows version ${version}: update it`,
    )
  }
  if (found === 0 && !isEmpty) {
    throw new Error(`${file} is the database of something else: give sqliteStore a file of its own`)
  }
}

function createTables(database: DatabaseSync): void {
  if (versionOf(database) === version) return
  // Not by exec, whose errors do not tell in Deno that the file is locked.
  database.prepare('BEGIN IMMEDIATE').run()
  // Another process may have been faster.
  if (versionOf(database) === 0) database.exec(`${tables} PRAGMA user_version = ${version}`)
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
 * A module of Node.js, undefined where the runtime has not got it.
 *
 * Asked for when it is needed, and not imported: an import would fail where there is no SQLite, and some bundlers fail
 * at any `node:` module that they see.
 */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
  const host: { getBuiltinModule?: (id: Name) => Builtins[Name] | undefined } | undefined = globalThis.process
  return host?.getBuiltinModule?.(name)
}
