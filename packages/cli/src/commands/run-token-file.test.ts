import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from './command-process.test-helper.ts'
import { TokenFile } from './run-token-file.ts'

const write = (file: string, text: string, mode = 0o600) => writeFileSync(file, text, { mode })

it.each<[string, (file: string) => void]>([
  ['a file with other content', (file) => write(file, 'precious')],
  ['an empty file', (file) => write(file, '')],
  ['a file that others can read', (file) => write(file, 'a.b.c', 0o644)],
  [
    'a symbolic link',
    (file) => {
      write(`${file}.target`, 'a.b.c')
      symlinkSync(`${file}.target`, file)
    },
  ],
  ['a folder', (file) => mkdirSync(file)],
])('refuses to replace %s', (_, prepare) => {
  const file = path.join(temporaryFolder(), 'token')
  prepare(file)
  const before = lstatSync(file).ino
  expect(() => new TokenFile(file).assertReplaceable()).toThrow('pds run did not write it')
  expect(lstatSync(file).ino).toBe(before)
})

it('replaces the file of an earlier run, and leaves no draft', () => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'token')
  write(file, 'a.b.c')
  const tokenFile = new TokenFile(file)
  tokenFile.assertReplaceable()
  tokenFile.write('d.e.f')
  expect(readFileSync(file, 'utf8')).toBe('d.e.f')
  expect(lstatSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder)).toEqual(['token'])
  tokenFile.remove()
  expect(readdirSync(folder)).toEqual([])
})

it('keeps a file that another program has replaced', () => {
  const file = path.join(temporaryFolder(), 'token')
  const tokenFile = new TokenFile(file)
  tokenFile.write('a.b.c')
  write(file, 'other')
  tokenFile.remove()
  expect(readFileSync(file, 'utf8')).toBe('other')
})

it('restores the file after another run with the same file has deleted it', () => {
  const file = path.join(temporaryFolder(), 'token')
  const [first, second] = [new TokenFile(file), new TokenFile(file)]
  first.write('a.b.c')
  second.write('a.b.c')
  first.remove()
  second.write('a.b.c')
  expect(readFileSync(file, 'utf8')).toBe('a.b.c')
})

it('replaces a symbolic link that appears later, and does not follow it', () => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'token')
  write(`${file}.target`, 'precious')
  symlinkSync(`${file}.target`, file)
  new TokenFile(file).write('a.b.c')
  expect(readFileSync(`${file}.target`, 'utf8')).toBe('precious')
  expect(lstatSync(file).isFile()).toBe(true)
})

it('reports a folder that does not exist', () => {
  const file = path.join(temporaryFolder(), 'no/token')
  expect(() => new TokenFile(file).write('a.b.c')).toThrow('cannot be written (ENOENT)')
})
