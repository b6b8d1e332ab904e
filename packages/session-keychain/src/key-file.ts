import { fileError, storeFailed } from './file-error.ts'
import { fileSystem } from './file-system.ts'
import { decodeKey } from './key-bytes.ts'
import { writePrivateFile } from './private-file.ts'

/** The content of a key file: where the key is, and the key itself if it is in the file. */
export type KeyFile =
  | { place: 'keychain' }
  | { place: 'file'; key: string }
  | { place: 'safeStorage'; encrypted: string }

const format = 1
// In bytes. A key file is much smaller.
const maxSize = 65_536

/**
 * Reads a key file, or returns undefined if it does not exist. Removes the permissions of group and others.
 *
 * Throws a `PDSError` with code `StoreFailed` if the file cannot be read, belongs to another user, is damaged or was
 * written by a newer version.
 */
export function readKeyFile(file: string): KeyFile | undefined {
  const text = readPrivateFile(file)
  return text === undefined ? undefined : parseKeyFile(text, file)
}

/**
 * Creates a key file with mode 0600, and its folder with mode 0700. Returns false if another process was first.
 *
 * Throws a `PDSError` with code `StoreFailed` if the file cannot be written, or is a symbolic link to a missing file.
 */
export function createKeyFile(file: string, content: KeyFile): boolean {
  const { linkSync, lstatSync, statSync } = fileSystem()
  return publish(file, content, (draft) => {
    // A link makes the whole file visible at once.
    try {
      linkSync(draft, file)
    } catch (error) {
      // Such a link is no file for readers, which follow it, and a file for `linkSync`, which does not.
      const isDangling =
        lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() &&
        !statSync(file, { throwIfNoEntry: false })
      if (!isDangling) throw error
      throw storeFailed(
        `${file} is a symbolic link to a missing file: restore its target, or delete the link`,
      )
    }
  })
}

/** Replaces a key file. Throws a `PDSError` with code `StoreFailed` if the file cannot be written. */
export function replaceKeyFile(file: string, content: KeyFile): void {
  publish(file, content, fileSystem().renameSync)
}

function publish(file: string, content: KeyFile, move: (draft: string, file: string) => void): boolean {
  try {
    return writePrivateFile(file, `${JSON.stringify({ format, ...content })}\n`, move)
  } catch (error) {
    throw fileError(error, file)
  }
}

function readPrivateFile(file: string): string | undefined {
  let descriptor: number | undefined
  try {
    // Opening a named pipe would block this process. Windows has no such flag.
    descriptor = fileSystem().openSync(
      file,
      fileSystem().constants.O_RDONLY | (fileSystem().constants.O_NONBLOCK ?? 0),
    )
    const stats = fileSystem().fstatSync(descriptor)
    if (!stats.isFile()) throw storeFailed(`${file} is not a regular file: path must be the path of a file`)
    if (stats.size > maxSize) throw damaged(file)
    makePrivate(file, descriptor, stats)
    return fileSystem().readFileSync(descriptor, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw fileError(error, file)
  } finally {
    if (descriptor !== undefined) fileSystem().closeSync(descriptor)
  }
}

function makePrivate(file: string, descriptor: number, { uid, mode }: { uid: number; mode: number }): void {
  const user = process.getuid?.()
  // On Windows, files have no such owners and modes: the permissions of the folder apply.
  if (user === undefined) return
  if (uid !== user) {
    throw storeFailed(
      `${file} belongs to the user with id ${uid}, but this process runs as ${user}: run it as the owner of the file, or use another path`,
    )
  }
  if ((mode & 0o077) !== 0) fileSystem().fchmodSync(descriptor, mode & 0o700)
}

function parseKeyFile(text: string, file: string): KeyFile {
  const content = parseJson(text)
  if (typeof content.format === 'number' && content.format > format) {
    throw storeFailed(
      `${file} has format ${content.format}, but this @pds/session-keychain supports format ${format}: update the package`,
    )
  }
  const { place, key, encrypted } = content
  if (content.format === format) {
    if (place === 'keychain') return { place }
    if (place === 'file' && decodeKey(key)) return { place, key: key as string }
    if (place === 'safeStorage' && typeof encrypted === 'string' && encrypted) return { place, encrypted }
  }
  throw damaged(file)
}

function parseJson(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text))
  } catch {
    // The message of the error contains a part of the text.
    return {}
  }
}

function damaged(file: string): Error {
  return storeFailed(
    `${file} is damaged or belongs to another program: restore a backup, or delete the file, after which users must sign in again`,
  )
}
