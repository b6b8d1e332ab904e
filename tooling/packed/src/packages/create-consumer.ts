import { mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, inject } from 'vitest'
import { tools } from './repository.ts'

/**
 * Returns an empty folder from which tests can import the installed packages. It exists while the tests of the file or
 * suite run. `others` are more packages, which are linked from this workspace.
 */
export function createConsumer(others: readonly string[] = []): string {
  const folder = path.join(realpathSync(tmpdir()), `pds-consumer-${crypto.randomUUID()}`)
  const link = (name: string, from: string) => {
    const place = path.join(folder, 'node_modules', name)
    mkdirSync(path.dirname(place), { recursive: true })
    symlinkSync(path.join(from, 'node_modules', name), place, 'dir')
  }
  beforeAll(() => {
    link('@pds', inject('packed').installed)
    for (const name of others) link(name, path.dirname(tools))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
