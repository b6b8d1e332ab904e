import { readFileSync } from 'node:fs'
import path from 'node:path'
import * as core from '@pds/core'
import * as internal from '@pds/core/internal'
import { expect, it } from 'vitest'

const dist = path.join(import.meta.dirname, '../dist')

/** Returns every module that a built file loads, directly or through other built files. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  for (const [, specifier = ''] of readFileSync(path.join(dist, file), 'utf8').matchAll(/from "([^"]+)"/g)) {
    if (seen.has(specifier)) continue
    seen.add(specifier)
    if (specifier.startsWith('./')) loadedBy(specifier, seen)
    if (specifier === '#platform') loadedBy('platform.js', seen)
  }
  return seen
}

it('does not load ky', () => {
  expect([...loadedBy('index.js')]).toContain('ky')
  expect([...loadedBy('internal.js')]).toEqual(expect.arrayContaining(['./shared.js', '#platform']))
  expect([...loadedBy('internal.js')]).not.toContain('ky')
})

it('exports the same classes as the main entry', () => {
  expect(internal.PDSError).toBe(core.PDSError)
  expect(internal.isPDSError).toBe(core.isPDSError)
})
