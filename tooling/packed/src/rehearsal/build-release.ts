import path from 'node:path'
import { repository } from '../packages/repository.ts'
import { ScratchRepository } from '../registry/scratch.ts'

const repositoryBin = path.join(repository, 'node_modules', '.bin')

// `pnpm` and `turbo` of the copy, with the registry, the cache and the proxy of this machine. Nothing is published with them.
function environmentOf(scratch: ScratchRepository): NodeJS.ProcessEnv {
  const bin = path.join(scratch.folder, 'node_modules', '.bin')
  const PATH = [bin, path.dirname(process.execPath), process.env.PATH].join(path.delimiter)
  return { ...process.env, PATH, TURBO_TELEMETRY_DISABLED: '1', PNPM_CONFIG_VERIFY_DEPS_BEFORE_RUN: 'false' }
}

/**
 * Copies the working tree to `folder`, gives the packages their next versions, and builds them from clean, with the
 * commands of the packing job. Does not change the working tree.
 */
export async function buildRelease(folder: string): Promise<ScratchRepository> {
  const scratch = await ScratchRepository.copy(folder)
  // Right after a release, there are no changesets, and the manifests have the new versions.
  if (scratch.changesets().length > 0) await scratch.versionPackages()
  await scratch.commit('Version packages')
  const env = environmentOf(scratch)
  const members = ['--filter', 'pds-token-sdk', '--filter', './packages/*...']
  const install = ['install', '--frozen-lockfile', '--ignore-scripts', '--prefer-offline']
  await scratch.run(path.join(repositoryBin, 'pnpm'), [...install, ...members], env)
  await scratch.run('turbo', ['run', 'build', '--filter=./packages/*', '--force', '--concurrency=2'], env)
  return scratch
}

/** Writes the SBOM of each package into `destination`, as the packing job does. */
export async function writeSboms(
  scratch: ScratchRepository,
  tarballs: string,
  destination: string,
): Promise<void> {
  const script = [path.join('tooling', 'release', 'write-sboms.mjs'), tarballs, destination]
  await scratch.run(process.execPath, script, environmentOf(scratch))
}
