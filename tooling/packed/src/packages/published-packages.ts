import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { inject } from 'vitest'
import { repository } from './repository.ts'

/** The fields of a manifest that the tests read. */
interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** A package in the repository, in its tarball and installed. */
export interface PublishedPackage {
  readonly name: string
  /** Its folder in the repository. */
  readonly folder: string
  readonly tarball: string
  /** Its folder in the `node_modules` into which npm installed the tarball. */
  readonly installed: string
  /** The manifest in the tarball. */
  readonly manifest: Manifest
  /** The specifiers that users import: the name of the package, and its subpaths. */
  readonly entries: readonly string[]
}

/** Returns all packages of this test run. */
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
