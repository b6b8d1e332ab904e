import { linkSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { PDSError } from '@pds/core/internal'
import { fileError, storeFailed } from './file-error.ts'
import { writePrivateFile } from './private-file.ts'

// How long a process waits for the lock, in milliseconds. The owner may wait for the user to unlock the keychain.
const longestWait = 60_000
// In milliseconds.
const pollInterval = 20

/**
 * Runs a function while no other process has the lock of a file.
 *
 * The lock is an exclusive transaction of SQLite on an empty database, which the operating system releases when a
 * process is killed. A runtime without `node:sqlite` runs the function without a lock. The lock file is never deleted:
 * another process may have it open.
 *
 * Throws a `PDSError` with code `StoreFailed` if the lock file cannot be used, and with code `KeychainFailed` if another
 * process keeps the lock for `maxWait` milliseconds.
 */
export async function withFileLock<Result>(
  file: string,
  run: () => Promise<Result>,
  maxWait: number = longestWait,
): Promise<Result> {
  const sqlite = process.getBuiltinModule?.('node:sqlite')
  if (!sqlite) return run()
  let database: DatabaseSync
  try {
    writePrivateFile(file, '', linkSync)
    database = new sqlite.DatabaseSync(file)
  } catch (error) {
    throw lockError(error, file)
  }
  try {
    await lock(database, file, maxWait)
    return await run()
  } finally {
    database.close()
  }
}

async function lock(database: DatabaseSync, file: string, maxWait: number): Promise<void> {
  const start = performance.now()
  while (!tryLock(database, file)) {
    if (performance.now() - start >= maxWait) {
      throw new PDSError(
        `keychainKey: another process has kept the lock ${file} for ${maxWait / 1000} seconds: unlock the keychain if it asks for its password, and retry`,
        { code: 'KeychainFailed', outcome: 'not-sent' },
      )
    }
    await sleep(pollInterval)
  }
}

function tryLock(database: DatabaseSync, file: string): boolean {
  try {
    // `exec` would not do: its errors in Deno do not say that the file is locked.
    database.prepare('BEGIN EXCLUSIVE').run()
    return true
  } catch (error) {
    // SQLITE_BUSY, and SQLITE_PROTOCOL if many connections compete for the lock.
    if ([5, 15].includes(Object(error).errcode & 0xff)) return false
    throw lockError(error, file)
  }
}

function lockError(error: unknown, file: string): unknown {
  const { errcode, errstr } = Object(error)
  if (typeof errcode !== 'number') return fileError(error, file)
  const advice = 'delete the file, and use a path on a local file system'
  return storeFailed(`SQLite cannot lock ${file} (${errstr}, code ${errcode}): ${advice}`)
}
