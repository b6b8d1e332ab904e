import path from 'node:path'
import { fileSystem } from './file-system.ts'

/**
 * Writes a file with mode 0600, and its folder with mode 0700. `move` gives the whole file its name: `linkSync` keeps an
 * existing file, and `renameSync` replaces it. Returns false if the file exists and was kept.
 *
 * An existing file is never opened. On POSIX, closing a file releases all locks that this process has on it.
 *
 * Throws the error of the operating system.
 */
export function writePrivateFile(
  file: string,
  text: string,
  move: (draft: string, file: string) => void,
): boolean {
  const { mkdirSync, rmSync, writeFileSync } = fileSystem()
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${crypto.randomUUID()}`
  try {
    // Without `flush`, the file may be empty after a power failure.
    writeFileSync(draft, text, { flag: 'wx', mode: 0o600, flush: true })
    move(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}
