import path from 'node:path'
import { publishEnvironment } from './environment.ts'
import { ScratchRepository } from './scratch.ts'
import { type LocalRegistry, startLocalRegistry } from './server.ts'

export interface LocalRelease {
  readonly registry: LocalRegistry
  readonly scratch: ScratchRepository
}

/** Releases new versions from a copy of the repository to a local registry. All files are in `folder`. */
export async function releaseLocally(folder: string): Promise<LocalRelease> {
  const [registry, scratch] = await Promise.all([
    startLocalRegistry(path.join(folder, 'registry')),
    ScratchRepository.copy(path.join(folder, 'repository'), { built: true }),
  ])
  // Right after a release, there are no changesets, and the manifests have the new versions.
  if (scratch.changesets().length > 0) await scratch.versionPackages()
  await scratch.commit('Version packages')
  await publish(scratch, registry.url)
  return { registry, scratch }
}

/**
 * Runs `changeset publish` in the copy and returns its output. It can reach only the registry at `url`, even if `env`
 * contains logins to other registries.
 */
export async function publish(
  scratch: ScratchRepository,
  url: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  return scratch.run('changeset', ['publish'], await environmentFor(scratch, url, env))
}

/**
 * Packs the versions that the registry at `url` does not have, as the packing job of the release does. Returns the folder
 * of the plan and the tarballs, which are in its folder `packages`.
 */
export async function packRelease(scratch: ScratchRepository, url: string): Promise<string> {
  const env = publishEnvironment(`${scratch.folder}-publisher`, url)
  const [plan, packed] = [`${scratch.folder}-plan.json`, `${scratch.folder}-packed`]
  await scratch.run('changeset', ['publish-plan', '--output', plan], env)
  await scratch.run('changeset', ['pack', '--from-publish-plan', plan, '--out-dir', packed], env)
  return packed
}

/** Publishes the tarballs of `packRelease`, as the publishing job of the release does. */
export async function publishPacked(scratch: ScratchRepository, url: string, packed: string): Promise<void> {
  const env = await environmentFor(scratch, url, process.env)
  await scratch.run('changeset', ['publish', '--from-pack-dir', packed], env)
}

async function environmentFor(
  scratch: ScratchRepository,
  url: string,
  env: NodeJS.ProcessEnv,
): Promise<NodeJS.ProcessEnv> {
  const isolated = publishEnvironment(`${scratch.folder}-publisher`, url, env)
  await assertOnlyRegistry(scratch, url, isolated)
  return isolated
}

/**
 * Throws if a package would be published to another registry than `url`. The configuration of the repository takes
 * precedence over the environment, so this asks pnpm for the registry of each package.
 */
export async function assertOnlyRegistry(
  scratch: ScratchRepository,
  url: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  for (const { name, publishConfig = {} } of scratch.packages()) {
    const other = Object.keys(publishConfig).find((key) => key.endsWith('registry'))
    if (other) throw new Error(`the publishConfig of ${name} names a registry: remove "${other}"`)
    const folder = `packages/${name.replace('@pds/', '')}`
    for (const key of ['registry', '@pds:registry']) {
      const registry = await scratch.run('pnpm', ['--dir', folder, 'config', 'get', key], env)
      if (registry.trim() !== url)
        throw new Error(
          `${name} would be published to ${registry.trim()}: remove "${key}" from the repository`,
        )
    }
  }
}
