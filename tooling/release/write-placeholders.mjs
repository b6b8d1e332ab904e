// Writes a package without code for each published package: node tooling/release/write-placeholders.mjs <folder>. npm
// configures trusted publishing only for packages that exist: see "The first release" in CONTRIBUTING.md.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const [destination] = process.argv.slice(2)
if (!destination) throw new Error('Usage: node tooling/release/write-placeholders.mjs <folder>')
const root = path.join(import.meta.dirname, '..', '..')
const read = (folder) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
const { license, repository } = read(root)
if (!repository) throw new Error('package.json has no "repository", which each package needs')

for (const folderName of readdirSync(path.join(root, 'packages'))) {
  const { name } = read(path.join(root, 'packages', folderName))
  const description = 'A placeholder without code. Use a later version.'
  const folder = path.join(destination, folderName)
  mkdirSync(folder, { recursive: true })
  const manifest = { name, version: '0.0.0', description, license, repository }
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}
