// Downloads the pinned pnpm for this machine, checks it against the hash in pnpm-lock.yaml, and prints the path of its
// program. npx checks a package only against the hash that the registry returns with it. corepack checks the package
// `pnpm`, but the program is in another package.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const read = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
const [, version] = JSON.parse(read('package.json')).packageManager.split('@')
const name = `@pnpm/exe.${process.platform}-${process.arch}@${version}`
const [, locked] = read('pnpm-lock.yaml').split(`\n  '${name}':\n    resolution: {integrity: `)
const [expected] = locked?.split('}') ?? []
if (!expected) throw new Error(`pnpm-lock.yaml has no hash of ${name}`)

const folder = mkdtempSync(path.join(tmpdir(), 'pnpm-'))
execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, name], { stdio: 'pipe' })
const tarball = path.join(folder, readdirSync(folder)[0])
const received = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
if (received !== expected)
  throw new Error(
    `${name} has another hash than in pnpm-lock.yaml: expected ${expected} (received ${received})`,
  )

execFileSync('tar', ['-xzf', tarball, '-C', folder])
process.stdout.write(`${path.join(folder, 'package', 'pnpm')}\n`)
