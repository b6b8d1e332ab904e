import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { packageNames } from './installed-packages.ts'

it('finds the package of each module, past a nested manifest without a name', () => {
  const manifests = { a: { name: 'a' }, 'a/esm': { type: 'module' }, b: { name: 'b' } }
  expect(packageNames(modulesIn(manifests))).toEqual(['a', 'b'])
})

it('throws if the modules contain two copies of a package', () => {
  const manifests = { a: { name: 'a' }, 'b/node_modules/a': { name: 'a' } }
  expect(() => packageNames(modulesIn(manifests))).toThrow('two copies of a')
})

/** Writes a module and its package.json into each of these folders. */
function modulesIn(manifests: Readonly<Record<string, object>>): URL[] {
  const root = mkdtempSync(path.join(tmpdir(), 'installed-packages-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  return Object.entries(manifests).map(([name, manifest]) => {
    const folder = path.join(root, name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest))
    writeFileSync(path.join(folder, 'module.js'), '')
    return pathToFileURL(path.join(folder, 'module.js'))
  })
}
