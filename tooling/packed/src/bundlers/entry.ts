import { mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { inject } from 'vitest'
import type { Imported } from './imports.ts'

/** Writes a module into a new folder beside the installed packages, which it can import by their names from there. */
export function writeEntry(contents: string): string {
  // It goes with the folder of the installed packages, at the end of the run.
  const file = path.join(mkdtempSync(path.join(inject('packed').installed, 'bundle-')), 'entry.js')
  writeFileSync(file, contents)
  return file
}

/** A module that imports these names, and keeps each of them from being dropped. */
export function entryOf({ names }: Pick<Imported, 'names'>): string {
  const lines = Object.entries(names).map(([from, list]) => `import { ${list.join(', ')} } from '${from}'\n`)
  const locals = Object.values(names).flatMap((list) => list.map((name) => name.replace(/.* as /, '')))
  return `${lines.join('')}globalThis.exported = { ${locals.join(', ')} }\n`
}
