import type { DatabaseSync } from 'node:sqlite'

// Stored as PRAGMA user_version. Increment it when the schema changes in a way that an older version of this package
// cannot use. Version 1 began without `changes`: an older process keeps it up to date through the triggers.
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

// The last change of each key, in their order, and its time in seconds since the epoch.
const changes = `
  CREATE TABLE IF NOT EXISTS changes (
    change INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    seconds INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS INTEGER))
  ) STRICT;
  CREATE TRIGGER IF NOT EXISTS "changes after INSERT ON records" AFTER INSERT ON records BEGIN
    INSERT OR REPLACE INTO changes (key) VALUES (new.key);
  END;
  CREATE TRIGGER IF NOT EXISTS "changes after UPDATE ON records" AFTER UPDATE ON records BEGIN
    INSERT OR REPLACE INTO changes (key) VALUES (new.key);
  END;
  CREATE TRIGGER IF NOT EXISTS "changes after DELETE ON records" AFTER DELETE ON records BEGIN
    INSERT OR REPLACE INTO changes (key) VALUES (old.key);
  END;
  CREATE TRIGGER IF NOT EXISTS "changes after INSERT ON leases" AFTER INSERT ON leases BEGIN
    INSERT OR REPLACE INTO changes (key) VALUES (new.key);
  END;
  INSERT OR IGNORE INTO changes (key) SELECT key FROM records UNION SELECT key FROM leases;
`
// The table and its triggers.
const changesCount = 5

/** Throws an `Error` unless the database belongs to a store of this version, or is empty. */
export function assertOwnDatabase(database: DatabaseSync, file: string): void {
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

/** Creates the tables and triggers that are missing. */
export function createTables(database: DatabaseSync): void {
  if (isComplete(database)) return
  // `exec` would not do: its errors in Deno do not say that the file is locked.
  database.prepare('BEGIN IMMEDIATE').run()
  // Another process may have created the tables before this one got the lock.
  if (versionOf(database) === 0) database.exec(`${tables} PRAGMA user_version = ${schemaVersion}`)
  database.exec(`${changes} COMMIT`)
}

function isComplete(database: DatabaseSync): boolean {
  const found = database
    .prepare("SELECT count(*) AS count FROM sqlite_schema WHERE name GLOB 'changes*'")
    .get()
  return found?.count === changesCount && versionOf(database) === schemaVersion
}

function versionOf(database: DatabaseSync): unknown {
  return database.prepare('PRAGMA user_version').get()?.user_version
}
