import { existsSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { CliError } from '../output/cli-error.ts'

// An access token is a JWT.
const tokenPattern = /^[\w-]+\.[\w-]+\.[\w-]+$/
const maxLength = 16_384

/** A file of mode 0600 that contains only an access token, for the time of a run. */
export class TokenFile {
  /** The absolute path. */
  readonly path: string
  #written: string | undefined

  constructor(file: string) {
    this.path = path.resolve(file)
  }

  /** Throws if the path has something else than the token file of an earlier run, which may have been killed. */
  assertReplaceable(): void {
    const stats = lstatSync(this.path, { throwIfNoEntry: false })
    if (stats === undefined) return
    // `lstat`, because a symbolic link may lead to a file of another program.
    const isOwn = stats.isFile() && (process.getuid === undefined || stats.uid === process.getuid())
    const isPrivate = process.platform === 'win32' || (stats.mode & 0o077) === 0
    if (isOwn && isPrivate && stats.size <= maxLength && tokenPattern.test(readFileSync(this.path, 'utf8')))
      return
    throw new CliError('TokenFile', {
      en: `${this.path} exists, and pds run did not write it. Delete it, or choose another file.`,
      zh: `${this.path} 已存在，且不是由 pds run 写入。请将其删除，或选择其他文件。`,
    })
  }

  /** Writes a token if it is a new one, or if the end of another run has deleted the file. Readers see the old or the new token, but no part of one. */
  write(token: string): void {
    if (token === this.#written && existsSync(this.path)) return
    const draft = `${this.path}.${process.pid}.draft`
    try {
      writeFileSync(draft, token, { flag: 'wx', mode: 0o600 })
      renameSync(draft, this.path)
      this.#written = token
    } catch (error) {
      rmSync(draft, { force: true })
      throw new CliError('TokenFile', {
        en: `${this.path} cannot be written (${(error as NodeJS.ErrnoException).code}).`,
        zh: `无法写入 ${this.path}（${(error as NodeJS.ErrnoException).code}）。`,
      })
    }
  }

  /** Deletes the file, unless another program has replaced it. */
  remove(): void {
    try {
      if (readFileSync(this.path, 'utf8') === this.#written) rmSync(this.path)
    } catch {
      // Another program has deleted it.
    }
  }
}
