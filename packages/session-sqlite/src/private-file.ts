type FileSystem = typeof import('node:fs')

// Windows has no such permissions: there it is the folder's that count.
const hasModes = globalThis.process?.platform !== 'win32'

/**
 * Creates an empty file that is its owner's alone, where there is none. SQLite gives the mode of its database to the
 * files beside it.
 *
 * Throws the system's error.
 */
export function createPrivateFile(file: string, fs: FileSystem): void {
  if (!hasModes || fs.existsSync(file)) return
  // It is closed before it gets its name: closing a file drops the locks that the whole process has on it (POSIX),
  // also those of SQLite in another thread that was faster. That is why existing files are not opened here either.
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
 * Takes the permissions of group and others from a database that is open, and from the files beside it.
 *
 * Throws the system's error.
 */
export function makePrivate(file: string, fs: FileSystem): void {
  if (!hasModes) return
  // Behind a link, the others are beside the file itself.
  const real = fs.realpathSync(file)
  for (const each of [real, `${real}-wal`, `${real}-shm`]) {
    const mode = fs.statSync(each, { throwIfNoEntry: false })?.mode ?? 0
    if ((mode & 0o077) !== 0) fs.chmodSync(each, mode & 0o700)
  }
}
