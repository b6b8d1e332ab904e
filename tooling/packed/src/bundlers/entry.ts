import { mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { inject } from 'vitest'
import type { Imported } from './imports.ts'

/** Writes a module into a new folder from which it can import the installed packages by name. Returns its path. */
export function writeEntry(contents: string): string {
  // The end of the run removes it with the folder of the installed packages.
  const file = path.join(mkdtempSync(path.join(inject('packed').installed, 'bundle-')), 'entry.js')
  writeFileSync(file, contents)
  return file
}

/** Returns the code of a module that imports these names and uses each of them, so that bundlers drop none. */
export function entryOf({ names }: Pick<Imported, 'names'>): string {
  const lines = Object.entries(names).map(([from, list]) => `import { ${list.join(', ')} } from '${from}'\n`)
  const locals = Object.values(names).flatMap((list) => list.map((name) => name.replace(/.* as /, '')))
  return `${lines.join('')}globalThis.exported = { ${locals.join(', ')} }\n`
}
