import { isPDSError, PDSError } from '@pds/core/internal'

/** What to do, by error code of the operating system. */
const help: Readonly<Record<string, string>> = {
  ENOENT: 'a parent of the path does not exist, or is a symbolic link to a missing folder',
  ENOTDIR: 'a parent of the path is a file, not a folder',
  EEXIST: 'a parent of the path is a file, not a folder',
  EISDIR: 'path must be the path of a file, not of a folder',
  ELOOP: 'the path contains a circular symbolic link',
  EACCES: 'this process needs read and write permission on the file and its folder',
  EPERM: 'this process must own the file, and the file system must support permissions and hard links',
  ENOTSUP: 'the file system must support hard links: use a path on another file system',
  EROFS: 'the file system is read-only: use a path on another file system',
  ENOSPC: 'free space on the disk',
  EDQUOT: 'free space on the disk, or raise the quota',
}

/** Creates the error for a file that cannot be used. */
export function storeFailed(message: string, cause?: unknown): PDSError {
  return new PDSError(`keychainKey: ${message}`, { code: 'StoreFailed', outcome: 'not-sent', cause })
}

/** Returns the error for an error of the operating system. Its message has only the code and the path of the file. */
export function fileError(error: unknown, file: string): unknown {
  const { code } = Object(error)
  if (isPDSError(error) || typeof code !== 'string') return error
  const advice = help[code]
  return storeFailed(`${code} (${file})${advice === undefined ? '' : `: ${advice}`}`)
}
