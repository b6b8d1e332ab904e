import { isPDSError } from '@pds/core/internal'
import { ReplacedFileError } from './database-files.ts'

/** How long a call waits for the locks of other connections, in milliseconds. */
export const maxWait = 10_000

/** What to do, by primary result code of SQLite: https://www.sqlite.org/rescode.html */
const sqliteHelp: Readonly<Record<number, string>> = {
  5: `other connections locked the file for ${maxWait / 1000} seconds: retry the call`,
  8: 'this process needs write permission on the file and its folder',
  10: 'the disk failed, or SQLite does not support the file system, such as a network file system',
  11: 'restore a backup, or delete the file, after which users must sign in again',
  13: 'free space on the disk',
  14: 'this process needs read and write permission on the file and its folder',
  26: 'give sqliteStore a separate file',
}

/** What to do, by error code of the operating system. */
const systemHelp: Readonly<Record<string, string>> = {
  ENOENT: 'create its folder first, preferably with mode 0700',
  ENOTDIR: 'the parent of the path is a file, not a folder',
  EACCES: 'this process needs write permission on the file and its folder',
  EPERM: 'this process must own the file, and the file system must support permissions and hard links',
  EROFS: 'the file system is read-only',
  ENOSPC: 'free space on the disk',
  EDQUOT: 'free space on the disk, or raise the quota',
}

/**
 * Returns the error that a store rejects with. An error of SQLite or the operating system becomes an `Error` that says
 * what to do, if that is known. Any other error is returned unchanged.
 *
 * The new message contains only codes: the original message may contain a stored value.
 */
export function storeError(error: unknown, file: string): unknown {
  if (!(error instanceof Error && 'code' in error) || isPDSError(error)) return error
  const { code, errcode, errstr, syscall } = error as Error & Record<string, unknown>
  if (typeof errcode === 'number') {
    return failure(`SQLite: ${errstr}, code ${errcode} (${file})`, sqliteHelp[errcode & 0xff])
  }
  if (syscall !== undefined) return failure(`${code} (${file})`, systemHelp[String(code)])
  return failure(`SQLite: ${code} (${file})`, undefined)
}

function failure(text: string, help: string | undefined): Error {
  return new Error(help === undefined ? text : `${text}: ${help}`)
}

/** Checks for SQLITE_BUSY and for SQLITE_PROTOCOL, which SQLite returns when many connections compete for the lock. */
export function isLocked(error: unknown): boolean {
  return [5, 15].includes(resultCode(error))
}

/**
 * Checks whether a new connection may succeed: the file was replaced, or SQLite reports an error of the file or its
 * tables (SQLITE_ERROR, READONLY, IOERR, CORRUPT, CANTOPEN, SCHEMA, NOTADB).
 */
export function isStale(error: unknown): boolean {
  return error instanceof ReplacedFileError || [1, 8, 10, 11, 14, 17, 26].includes(resultCode(error))
}

function resultCode(error: unknown): number {
  const errcode = error instanceof Error && 'errcode' in error && error.errcode
  return typeof errcode === 'number' ? errcode & 0xff : -1
}
