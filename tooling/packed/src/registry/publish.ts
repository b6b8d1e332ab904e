import path from 'node:path'
import { publishEnvironment } from './environment.ts'
import { ScratchRepository } from './scratch.ts'
import { type LocalRegistry, startLocalRegistry } from './server.ts'

export interface LocalRelease {
  readonly registry: LocalRegistry
  readonly scratch: ScratchRepository
}

/** Makes versions of a copy of the repository, and publishes them to a registry of their own, all within `folder`. */
export async function releaseLocally(folder: string): Promise<LocalRelease> {
  const [registry, scratch] = await Promise.all([
    startLocalRegistry(path.join(folder, 'registry')),
    ScratchRepository.copy(path.join(folder, 'repository'), { built: true }),
  ])
  // Right after a release there is nothing to make versions of: the manifests have them.
  if (scratch.changesets().length > 0) await scratch.versionPackages()
  await scratch.commit('Version packages')
  await publish(scratch, registry.url)
  return { registry, scratch }
}

/**
 * Runs `changeset publish` in the copy, so that it can reach the registry at `url` and no other, whoever is logged in to
 * whatever in `env`. It says what it printed.
 */
export async function publish(
  scratch: ScratchRepository,
  url: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  return scratch.run('changeset', ['publish'], await environmentFor(scratch, url, env))
}

/** The same in the steps of the release workflow, where what publishes has only what was packed by another job. */
export async function publishPacked(scratch: ScratchRepository, url: string): Promise<void> {
  const env = await environmentFor(scratch, url, process.env)
  const [plan, packed] = [`${scratch.folder}-plan.json`, `${scratch.folder}-packed`]
  await scratch.run('changeset', ['publish-plan', '--output', plan], env)
  await scratch.run('changeset', ['pack', '--from-publish-plan', plan, '--out-dir', packed], env)
  await scratch.run('changeset', ['publish', '--from-pack-dir', packed], env)
}

async function environmentFor(
  scratch: ScratchRepository,
  url: string,
  env: NodeJS.ProcessEnv,
): Promise<NodeJS.ProcessEnv> {
  const isolated = publishEnvironment(`${scratch.folder}-publisher`, url, env)
  await refuseOtherRegistries(scratch, url, isolated)
  return isolated
}

/**
 * Throws where something would be published elsewhere than to `url`. Settings of the repository itself win over those of
 * the user, so what publishes is asked where it would publish to.
 */
export async function refuseOtherRegistries(
  scratch: ScratchRepository,
  url: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  for (const { name, publishConfig = {} } of scratch.packages()) {
    const other = Object.keys(publishConfig).find((key) => key.endsWith('registry'))
    if (other) throw new Error(`${name} has a registry of its own in its publishConfig: take "${other}" out`)
    const folder = `packages/${name.replace('@pds/', '')}`
    for (const key of ['registry', '@pds:registry']) {
      const said = await scratch.run('pnpm', ['--dir', folder, 'config', 'get', key], env)
      if (said.trim() !== url)
        throw new Error(`${name} would be published to ${said.trim()}: look for "${key}" in the repository`)
    }
  }
}
