import { statSync } from 'node:fs'
import path from 'node:path'
import { dryRun } from '../jsr/dry-run.ts'
import { writeJsrWorkspace } from '../jsr/write-jsr-workspace.ts'
import { listTarball } from '../packages/tarball.ts'
import { publishPacked } from '../registry/publish.ts'
import { type LocalRegistry, startLocalRegistry } from '../registry/server.ts'
import { buildRelease } from './build-release.ts'
import { compareFiles, hashFiles } from './compare-files.ts'
import { keepFolders } from './keep-folders.ts'
import { compareWithNpm } from './npm-pack.ts'
import { type PackedRelease, packWithSboms } from './pack-with-sboms.ts'
import { provenanceProblems } from './provenance.ts'
import { lastPublished, type PublishedVersion } from './published-version.ts'
import { runInstalled } from './run-installed.ts'
import { sbomProblems } from './sbom-problems.ts'
import { stateOfWorkingTree } from './working-tree.ts'

const treeChanged =
  'files, tags or commits changed during the rehearsal: if you did not change them, the rehearsal did'

export interface RehearsalOptions {
  /** An empty folder for temporary files. */
  readonly folder: string
  /** A folder in which the tarballs, the SBOMs and the workspace for JSR are kept, in place of those of an earlier run. */
  readonly output?: string | undefined
  /** Accepts a root manifest without `repository`. Default: false, because npm rejects the provenance then. */
  readonly allowMissingRepository?: boolean
  /** The registry whose versions the release is compared with. Default: the registry of npm's configuration. */
  readonly publishedAt?: string
  /** Receives the name of each step when it begins. */
  readonly onStep?: (step: string) => void
}

/** A package that the release would publish. */
export interface RehearsedPackage {
  readonly name: string
  readonly version: string
  /** The size of the tarball, in bytes. */
  readonly size: number
  readonly files: readonly string[]
  /** The last published version. Undefined for a new package. */
  readonly published: PublishedVersion | undefined
}

/** A check, and what is wrong. The check passes without problems. */
interface Check {
  readonly name: string
  readonly problems: readonly string[]
}

export interface Rehearsal {
  readonly packages: readonly RehearsedPackage[]
  /** The packages that JSR accepts, with their versions. */
  readonly onJsr: readonly string[]
  readonly checks: readonly Check[]
}

/**
 * Runs the steps of a release on copies of the working tree, with a registry on this machine in place of npm. Throws if a
 * step fails, such as the build. Wrong results are problems of a check.
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const { folder, output, allowMissingRepository = false, publishedAt, onStep = () => {} } = options
  const treeBefore = stateOfWorkingTree()
  const registry = await startLocalRegistry(path.join(folder, 'registry'))
  try {
    onStep('Version, install and build, in two copies of the working tree')
    // One after the other: a build keeps all processors busy.
    const scratch = await buildRelease(path.join(folder, 'first'))
    const other = await buildRelease(path.join(folder, 'second'))

    onStep('Pack, and write the SBOMs')
    const release = await packWithSboms(scratch, registry.url)
    const again = await packWithSboms(other, registry.url)
    const { packages, tarballs, sboms } = release
    const npmProblems = await compareWithNpm(packages, path.join(folder, 'packed-by-npm'))

    onStep('Publish to a registry on this machine, install from it, and run a program')
    await publishPacked(scratch, registry.url, release.folder)
    const user = await runInstalled(path.join(folder, 'project'), registry.url)

    onStep('Let deno check the packages for JSR')
    const jsr = path.join(folder, 'jsr')
    writeJsrWorkspace(Object.fromEntries(packages.map(({ name, tarball }) => [name, tarball])), jsr)
    const onJsr = await dryRun(jsr)

    onStep('Compare with the last published versions')
    const rehearsed = await inTurn(packages, async ({ name, version, tarball }) => ({
      name,
      version,
      size: statSync(tarball).size,
      files: listTarball(tarball),
      published: await lastPublished(name, folder, publishedAt),
    }))

    if (output !== undefined) keepFolders(output, { tarballs, sboms, jsr })
    const root = JSON.parse(scratch.read('package.json'))
    const accepted = allowMissingRepository && root.repository === undefined
    const manifests = packages.map(({ manifest }) => manifest)
    const checks: Check[] = [
      { name: 'two builds give the same tarballs', problems: compareFiles(tarballs, again.tarballs) },
      { name: 'two builds give the same SBOMs', problems: compareFiles(sboms, again.sboms) },
      {
        name: 'the SBOMs are valid CycloneDX 1.6, and not in the tarballs',
        problems: await sbomProblems(release),
      },
      { name: 'npm packs the same files and fields as pnpm', problems: npmProblems },
      { name: 'the registry has the packed tarballs', problems: await publishedProblems(release, registry) },
      {
        name: 'an installed client gets a token and calls the API',
        problems: user === 'user-1' ? [] : [`the program printed "${user}"`],
      },
      {
        name: 'npm accepts the provenance',
        problems: accepted ? [] : provenanceProblems(manifests, root),
      },
      {
        name: 'the working tree is unchanged',
        problems: stateOfWorkingTree() === treeBefore ? [] : [treeChanged],
      },
    ]
    return { packages: rehearsed, onJsr, checks }
  } finally {
    await registry.close()
  }
}

/** Compares the hashes that the registry has with those of the packed tarballs. */
async function publishedProblems(
  { packages, tarballs }: PackedRelease,
  registry: LocalRegistry,
): Promise<string[]> {
  const hashes = hashFiles(tarballs)
  const published = await inTurn(packages, async ({ name, version, tarball }) => {
    const packument = await registry.packument(name)
    return packument?.versions[version]?.dist.integrity === hashes[path.basename(tarball)] ? [] : [name]
  })
  return published.flat()
}

/** Maps one element at a time: each call starts a process or sends a request. */
async function inTurn<T, R>(elements: readonly T[], map: (element: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const element of elements) results.push(await map(element))
  return results
}
