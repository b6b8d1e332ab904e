type FileSystem = typeof import('node:fs')

// On Windows, open files cannot be deleted or replaced, and their numbers may change.
const canBeReplaced = globalThis.process?.platform !== 'win32'

/** The files of a database were deleted or replaced while it was open. A new connection uses the new files. */
export class ReplacedFileError extends Error {
  constructor(file: string) {
    super(`${file} was deleted or replaced several times during one call: keep the file, and retry the call`)
  }
}

/**
 * The files of an open database: the database, its write-ahead log (`-wal`) and the index of the log (`-shm`). SQLite does
 * not notice when they are deleted or replaced.
 */
export class DatabaseFiles {
  readonly #fs: FileSystem
  readonly #paths: readonly string[]
  readonly #opened: readonly (string | undefined)[]

  /** `id` is the id of the database from before the connection was opened. Throws if the file was replaced since. */
  constructor(file: string, fs: FileSystem, id: string | undefined) {
    this.#fs = fs
    // If the path is a symbolic link, `-wal` and `-shm` are next to its target.
    const real = canBeReplaced ? fs.realpathSync(file) : file
    this.#paths = [file, `${real}-wal`, `${real}-shm`]
    this.#opened = this.#currentIds()
    if (this.#opened[0] !== id) throw new ReplacedFileError(file)
  }

  /** Returns whether the connection still uses the files at their paths. */
  areCurrent(): boolean {
    return this.#currentIds().every((id, index) => id === this.#opened[index])
  }

  /**
   * Saves what can be saved before a connection to replaced files is closed. `checkpoint` copies the log to the database
   * of this connection.
   */
  salvage(checkpoint: () => void): void {
    const current = this.#currentIds()
    const isOwn = (index: number) => current[index] === this.#opened[index]
    const isFree = (index: number) => current[index] === undefined || isOwn(index)
    // If another process already has a new log, copying the old one would damage the database.
    try {
      if (isFree(1) && isFree(2)) checkpoint()
    } finally {
      // SQLite would use the log of the old database for the new one.
      for (const index of isOwn(0) ? [] : [1, 2]) {
        if (isOwn(index)) this.#fs.rmSync(this.#paths[index] as string, { force: true })
      }
    }
  }

  #currentIds(): (string | undefined)[] {
    return this.#paths.map((path) => fileId(path, this.#fs))
  }
}

/** Returns a text that identifies a file while it is open. Returns undefined if the file does not exist. */
export function fileId(path: string, fs: FileSystem): string | undefined {
  if (!canBeReplaced) return undefined
  const stats = fs.statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats && `${stats.dev}:${stats.ino}`
}

/**
 * Deletes a log without its database, and an index without its log. A process that still uses the deleted files would
 * make SQLite apply them to the new database.
 */
export function deleteOrphans(file: string, fs: FileSystem): void {
  if (!canBeReplaced) return
  const real = fs.existsSync(file) ? fs.realpathSync(file) : file
  // In this order, because SQLite creates the log before the index and deletes it after the index.
  const [hasIndex, hasLog, hasDatabase] = [`${real}-shm`, `${real}-wal`, real].map(fs.existsSync)
  if (hasLog && !hasDatabase) fs.rmSync(`${real}-wal`, { force: true })
  if (hasIndex && !(hasLog && hasDatabase)) fs.rmSync(`${real}-shm`, { force: true })
}
