import { isPDSError } from '@pds/core/internal'
import { maxWait } from './retry-while-locked.ts'

/** By the primary result code of SQLite: https://www.sqlite.org/rescode.html */
const helpOfSqlite: Readonly<Record<number, string>> = {
  5: `other connections kept it locked for ${maxWait / 1000} seconds`,
  8: 'this process must be allowed to write the file and its folder',
  10: 'the disk fails, or the file system is one that SQLite does not work on, such as one over a network',
  11: 'bring back a copy, or remove it: its sessions have to sign in again then',
  13: 'make room on the disk',
  14: 'this process must be allowed to read and write the file and its folder',
  26: 'give sqliteStore a file of its own',
}

const helpOfSystem: Readonly<Record<string, string>> = {
  ENOENT: 'create its folder first, best with mode 0700',
  ENOTDIR: 'its folder is a file',
  EACCES: 'this process must be allowed to write the file and its folder',
  EPERM: 'this process must own the file, on a file system with permissions and hard links',
  EROFS: 'the file system can only be read',
  ENOSPC: 'make room on the disk',
  EDQUOT: 'make room on the disk',
}

/**
 * What a store rejects with: for an error of SQLite or of the system one that says what to do, where that is known, and
 * any other error as it is.
 *
 * Its text is made of codes, never of the message that came, which may hold a value.
 */
export function storeError(error: unknown, file: string): unknown {
  if (!(error instanceof Error && 'code' in error) || isPDSError(error)) return error
  const { code, errcode, errstr, syscall } = error as Error & Record<string, unknown>
  if (typeof errcode === 'number') {
    return failure(`SQLite: ${errstr}, code ${errcode} (${file})`, helpOfSqlite[errcode & 0xff])
  }
  if (syscall !== undefined) return failure(`${code} (${file})`, helpOfSystem[String(code)])
  return failure(`SQLite: ${code} (${file})`, undefined)
}

function failure(text: string, help: string | undefined): Error {
  return new Error(help === undefined ? text : `${text}: ${help}`)
}
