import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, inject } from 'vitest'

/**
 * Makes an empty folder in which our packages can be imported as they are installed, and removes it after the tests of
 * the file. What is named beside them is linked to where this workspace has it.
 */
export function createConsumer(others: readonly string[] = []): string {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'pds-consumer-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const link = (name: string, from: string) => {
    const place = path.join(folder, 'node_modules', name)
    mkdirSync(path.dirname(place), { recursive: true })
    symlinkSync(path.join(from, 'node_modules', name), place, 'dir')
  }
  link('@pds', inject('packed').installed)
  for (const name of others) link(name, path.join(import.meta.dirname, '..'))
  return folder
}
