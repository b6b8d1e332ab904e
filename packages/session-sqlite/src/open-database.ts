import type { DatabaseSync } from 'node:sqlite'
import { PDSError } from '@pds/core/internal'
import { DatabaseFiles, deleteOrphans, fileId } from './database-files.ts'
import { createPrivateFile, makePrivate } from './private-file.ts'
import { assertOwnDatabase, createTables } from './schema.ts'

/**
 * Opens the database of a store, and creates the file and its tables if they are missing. Leaves no connection open
 * when it throws.
 *
 * Throws a `PDSError` with code `UnsupportedEnvironment` if the runtime has no SQLite, an error of SQLite or the
 * operating system, or an `Error` that says why the file is rejected. A rejected file is not changed.
 */
export function openDatabase(file: string): { database: DatabaseSync; files: DatabaseFiles } {
  const [fs, sqlite] = [builtin('node:fs'), builtin('node:sqlite')]
  if (!fs || !sqlite) {
    throw new PDSError(
      'sqliteStore requires node:sqlite: use Node.js 22.13 or newer, Bun or Deno, or another store',
      { code: 'UnsupportedEnvironment', outcome: 'not-sent' },
    )
  }
  deleteOrphans(file, fs)
  createPrivateFile(file, fs)
  const id = fileId(file, fs)
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
    return { database, files: new DatabaseFiles(file, fs, id) }
  } catch (error) {
    database.close()
    throw error
  }
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
