import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { inject } from 'vitest'
import { repository } from './repository.ts'

/** The fields of a manifest that the tests look at. */
interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** A package as it stands in the repository, and as a user gets it. */
export interface PublishedPackage {
  readonly name: string
  /** In the repository. */
  readonly folder: string
  readonly tarball: string
  /** What npm made of the tarball. */
  readonly installed: string
  /** That of the tarball. */
  readonly manifest: Manifest
  /** What users import: the package, and what it has below its name. */
  readonly entries: readonly string[]
}

/** All packages of this run. */
export function publishedPackages(): PublishedPackage[] {
  const packed = inject('packed')
  return readdirSync(path.join(repository, 'packages')).map((folderName) => {
    const folder = path.join(repository, 'packages', folderName)
    const { name } = readManifest(folder)
    const tarball = packed.tarballs[name]
    if (tarball === undefined) throw new Error(`${name} was not packed`)
    const installed = path.join(packed.installed, 'node_modules', name)
    const manifest = readManifest(installed)
    const entries = Object.keys(manifest.exports)
      .filter((subpath) => subpath !== './package.json')
      .map((subpath) => path.posix.join(name, subpath))
    return { name, folder, tarball, installed, manifest, entries }
  })
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
}

/** The files of a tarball, sorted, without the folder `package` that npm puts around them. */
export function listTarball(file: string): string[] {
  return execFileSync('tar', ['-tzf', file], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''))
    .sort()
}
