type FileSystem = typeof import('node:fs')

// On Windows, files have no such modes: the permissions of the folder apply.
const hasFileModes = globalThis.process?.platform !== 'win32'

/**
 * Creates an empty file with mode 0600 if it does not exist. SQLite copies the mode of the database to its `-wal` and
 * `-shm` files.
 *
 * Throws the error of the operating system.
 */
export function createPrivateFile(file: string, fs: FileSystem): void {
  if (!hasFileModes || fs.existsSync(file)) return
  // Write and close a draft, then link it to its name. On POSIX, closing a file releases all locks that the process holds
  // on it, including the locks of SQLite in another thread. For the same reason an existing file is never opened here.
  const draft = `${file}.${crypto.randomUUID()}`
  try {
    fs.writeFileSync(draft, '', { flag: 'wx', mode: 0o600 })
    fs.linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    fs.rmSync(draft, { force: true })
  }
}

/**
 * Removes the permissions of group and others from an open database and its `-wal` and `-shm` files.
 *
 * Throws the error of the operating system.
 */
export function makePrivate(file: string, fs: FileSystem): void {
  if (!hasFileModes) return
  // If the path is a symbolic link, `-wal` and `-shm` are next to its target.
  const real = fs.realpathSync(file)
  for (const each of [real, `${real}-wal`, `${real}-shm`]) {
    const mode = fs.statSync(each, { throwIfNoEntry: false })?.mode ?? 0
    if ((mode & 0o077) !== 0) fs.chmodSync(each, mode & 0o700)
  }
}
