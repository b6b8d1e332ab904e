import path from 'node:path'

// Not imported, as in profiles.ts.
const { mkdirSync, renameSync, rmSync, writeFileSync } = process.getBuiltinModule('node:fs')

/**
 * Writes a file that only its owner can read. It writes a draft and renames it, so that no process reads half of a file.
 * Missing folders are created with mode 0700.
 */
export function replaceFile(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.draft`
  try {
    writeFileSync(draft, text, { mode: 0o600 })
    renameSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
}
