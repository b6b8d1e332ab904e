import { mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { readManifest } from '../packages/tarball.ts'
import { packRelease } from '../registry/publish.ts'
import type { ScratchRepository } from '../registry/scratch.ts'
import { writeSboms } from './build-release.ts'

/** What the packing job of the release passes to the publishing job. */
export interface PackedRelease {
  /** The folder of the publish plan and of the tarballs. */
  readonly folder: string
  /** The folder of the tarballs. */
  readonly tarballs: string
  /** The folder of the SBOMs. */
  readonly sboms: string
  readonly packages: readonly PackedPackage[]
}

interface PackedPackage {
  readonly name: string
  readonly version: string
  /** Its folder in the repository that was packed. */
  readonly folder: string
  readonly tarball: string
  /** The manifest in the tarball. */
  readonly manifest: Readonly<Record<string, unknown>>
}

/** Packs the versions that the registry at `url` does not have, and writes the SBOM of each package. */
export async function packWithSboms(scratch: ScratchRepository, url: string): Promise<PackedRelease> {
  const folder = await packRelease(scratch, url)
  const tarballs = path.join(folder, 'packages')
  const sboms = `${scratch.folder}-sboms`
  mkdirSync(sboms)
  await writeSboms(scratch, tarballs, sboms)
  const packages = readdirSync(tarballs).map((file) => {
    const tarball = path.join(tarballs, file)
    const manifest = readManifest(tarball)
    const [name, version] = [String(manifest.name), String(manifest.version)]
    const source = path.join(scratch.folder, 'packages', name.replace('@pds/', ''))
    return { name, version, folder: source, tarball, manifest }
  })
  return { folder, tarballs, sboms, packages }
}
