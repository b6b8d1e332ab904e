import { globSync } from 'node:fs'
import path from 'node:path'
import { expect, inject, it } from 'vitest'
import { publishedPackages } from '../packages/published-packages.ts'

it('nothing is installed with the packages but what they are known to depend on', () => {
  const { installed } = inject('packed')
  const manifests = globSync('node_modules/**/package.json', { cwd: installed }).map((file) =>
    path.dirname(file).split(path.sep).join('/'),
  )
  // A package may hold manifests of its own, which say how its files are loaded.
  const folders = manifests.filter((folder) => /(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/.test(folder))
  const ours = publishedPackages().map(({ name }) => name)
  const expected = [...ours, '@hono/node-server', 'hono', 'jose', 'ky'].map((name) => `node_modules/${name}`)
  expect(folders.sort()).toEqual(expected.sort())
})
