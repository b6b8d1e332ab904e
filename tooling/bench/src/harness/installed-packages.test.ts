import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { packagesOf } from './installed-packages.ts'

it('finds the package of each module, past a file that names none', () => {
  const manifests = { a: { name: 'a' }, 'a/esm': { type: 'module' }, b: { name: 'b' } }
  expect(packagesOf(modulesIn(manifests))).toEqual(['a', 'b'])
})

it('does not take two copies of a package for one', () => {
  const manifests = { a: { name: 'a' }, 'b/node_modules/a': { name: 'a' } }
  expect(() => packagesOf(modulesIn(manifests))).toThrow('a is there twice')
})

/** Writes a module into each of these folders, beside its package.json. */
function modulesIn(manifests: Readonly<Record<string, object>>): URL[] {
  const root = mkdtempSync(path.join(tmpdir(), 'packages-of-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  return Object.entries(manifests).map(([name, manifest]) => {
    const folder = path.join(root, name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest))
    writeFileSync(path.join(folder, 'module.js'), '')
    return pathToFileURL(path.join(folder, 'module.js'))
  })
}
