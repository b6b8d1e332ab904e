import { execFile } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { lockedVersions, repository } from './repository.ts'

/** The packages that were packed for this run of the tests. */
export interface PackedPackages {
  /** The file of each package's tarball, by the package's name. */
  readonly tarballs: Readonly<Record<string, string>>
  /** A folder in which all of them are installed, with their dependencies: it holds a `node_modules`. */
  readonly installed: string
}

declare module 'vitest' {
  interface ProvidedContext {
    packed: PackedPackages
  }
}

const run = promisify(execFile)
const pnpm = path.join(repository, 'node_modules', '.bin', 'pnpm')

/**
 * Packs the packages as they would be published and installs the tarballs, once for all tests of a run. What the tests
 * keep in the folder for temporary files is kept in one of their own, and goes with it, also where the run is broken off.
 */
export async function setup(project: TestProject): Promise<() => void> {
  // Its real name: what the bundlers and runtimes say of files has no links in it.
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'pds-packed-'))
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  process.once('exit', remove)
  const temporary = path.join(folder, 'tmp')
  mkdirSync(temporary)
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = temporary
  project.provide('packed', await packPackages(folder))
  return remove
}

async function packPackages(folder: string): Promise<PackedPackages> {
  const destination = path.join(folder, 'tarballs')
  await run(pnpm, ['--filter', './packages/*', '--recursive', 'pack', '--pack-destination', destination], {
    cwd: repository,
  })
  const names = readdirSync(path.join(repository, 'packages')).map((name) => manifestOf(name))
  const tarballs = Object.fromEntries(
    names.map(({ name, version }) => [
      name,
      path.join(destination, `${name.slice(1).replace('/', '-')}-${version}.tgz`),
    ]),
  )
  const installed = path.join(folder, 'installed')
  mkdirSync(installed)
  const manifest = {
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(Object.entries(tarballs).map(([name, file]) => [name, `file:${file}`])),
    // Ours are the tarballs for each other, too: no registry is asked for them.
    overrides: { ...Object.fromEntries(names.map(({ name }) => [name, `$${name}`])), ...lockedVersions() },
  }
  writeFileSync(path.join(installed, 'package.json'), JSON.stringify(manifest))
  await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: installed })
  return { tarballs, installed }
}

function manifestOf(folder: string): { name: string; version: string } {
  return JSON.parse(readFileSync(path.join(repository, 'packages', folder, 'package.json'), 'utf8'))
}
