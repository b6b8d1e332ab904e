import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keepFolders } from './keep-folders.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pds-keep-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(file: string): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
  writeFileSync(path.join(folder, file), file)
}

function keep(run: string): string[] {
  const output = path.join(folder, 'output')
  keepFolders(output, { jsr: path.join(folder, run, 'workspace'), sboms: path.join(folder, run, 'sboms') })
  const files = globSync('**/*.*', { cwd: output })
  return files.map((file) => file.replaceAll(path.sep, '/')).sort()
}

it('copies the folders by their new names', () => {
  for (const file of ['first/workspace/core/jsr.json', 'first/sboms/core.cdx.json']) write(file)
  expect(keep('first')).toEqual(['jsr/core/jsr.json', 'sboms/core.cdx.json'])
})

it('removes the files of an earlier run and keeps other files', () => {
  for (const file of ['first/workspace/core/old.ts', 'first/sboms/core.cdx.json', 'output/notes.md'])
    write(file)
  keep('first')
  for (const file of ['second/workspace/core/new.ts', 'second/sboms/core.cdx.json']) write(file)
  expect(keep('second')).toEqual(['jsr/core/new.ts', 'notes.md', 'sboms/core.cdx.json'])
})
