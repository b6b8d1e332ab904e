import { mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { inject } from 'vitest'

/** Writes a module into a new folder beside the installed packages, which it can import by their names from there. */
export function writeEntry(contents: string): string {
  // It goes with the folder of the installed packages, at the end of the run.
  const file = path.join(mkdtempSync(path.join(inject('packed').installed, 'bundle-')), 'entry.js')
  writeFileSync(file, contents)
  return file
}
