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

/** The packages of this test run. */
export interface PackedPackages {
  /** The path of each tarball, by the name of the package. */
  readonly tarballs: Readonly<Record<string, string>>
  /** The folder in which all packages and their dependencies are installed, in a `node_modules` folder. */
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
 * Packs the packages as for a release and installs the tarballs, once for all tests of a run. All temporary files of
 * the tests go into one folder, which is removed at the end, even if the run is interrupted.
 */
export async function setup(project: TestProject): Promise<() => void> {
  // The path without links, because bundlers and runtimes report paths without links.
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
    // The packages depend on each other's tarballs, too, not on versions from a registry.
    overrides: { ...Object.fromEntries(names.map(({ name }) => [name, `$${name}`])), ...lockedVersions() },
  }
  writeFileSync(path.join(installed, 'package.json'), JSON.stringify(manifest))
  await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: installed })
  return { tarballs, installed }
}

function manifestOf(folder: string): { name: string; version: string } {
  return JSON.parse(readFileSync(path.join(repository, 'packages', folder, 'package.json'), 'utf8'))
}
