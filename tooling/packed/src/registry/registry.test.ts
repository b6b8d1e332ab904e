import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishEnvironment } from './environment.ts'
import {
  assertOnlyRegistry,
  type LocalRelease,
  packRelease,
  publish,
  publishPacked,
  releaseLocally,
} from './publish.ts'
import { ScratchRepository } from './scratch.ts'
import { type LocalRegistry, startLocalRegistry } from './server.ts'
import { startStandIn } from './stand-in.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'pds-registry-'))
let release: LocalRelease

beforeAll(async () => {
  release = await releaseLocally(path.join(folder, 'release'))
})
afterAll(async () => {
  await release?.registry.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('changeset publish', () => {
  it('publishes and tags each public package with its version', async () => {
    const { registry, scratch } = release
    const packages = scratch.packages()
    expect(packages.length).toBeGreaterThanOrEqual(10)
    for (const { name, version } of packages) {
      expect(version).not.toBe('0.0.0')
      expect({ name, versions: Object.keys((await registry.packument(name))?.versions ?? {}) }).toEqual({
        name,
        versions: [version],
      })
    }
    expect(registry.published()).toBe(packages.length)
    const tags = (await scratch.run('git', ['tag', '--list'])).trim().split('\n')
    expect(tags.sort()).toEqual(packages.map(({ name, version }) => `${name}@${version}`).sort())
  })

  it('publishes the same tarballs from a folder that was packed before, as the release does', async () => {
    const registry = await startLocalRegistry(path.join(folder, 'packed'))
    try {
      await publishPacked(release.scratch, registry.url, await packRelease(release.scratch, registry.url))
      for (const { name, version } of release.scratch.packages()) {
        const tarball = async ({ packument }: LocalRegistry) =>
          (await packument(name))?.versions[version]?.dist.shasum
        expect(await tarball(registry)).toBe(await tarball(release.registry))
      }
    } finally {
      await registry.close()
    }
  })
})

describe('a test that publishes', () => {
  it('sends nothing to a registry that the developer is logged in to', async () => {
    const scratch = await ScratchRepository.copy(path.join(folder, 'logged-in'), { built: true })
    const local = await startLocalRegistry(path.join(folder, 'local'))
    // It has no packages and rejects new ones.
    const publicRegistry = await startStandIn((request) => [request.startsWith('PUT') ? 403 : 404, {}])
    // Names the registry in each possible way: as `npm login`, a shell or CI do. It contains nothing from the
    // environment of this test run, which may name another registry.
    const developer: NodeJS.ProcessEnv = {
      ...publishEnvironment(path.join(folder, 'developer'), publicRegistry.url),
      npm_config_registry: publicRegistry.url,
      NPM_CONFIG_REGISTRY: publicRegistry.url,
      pnpm_config_registry: publicRegistry.url,
      PNPM_CONFIG_REGISTRY: publicRegistry.url,
      'npm_config_@pds:registry': publicRegistry.url,
      NPM_TOKEN: 'a token',
      NODE_AUTH_TOKEN: 'a token',
    }
    // npm sets this variable for the programs that it runs.
    developer.npm_config_userconfig = developer.NPM_CONFIG_USERCONFIG
    try {
      // Without the protection, changeset must publish to that registry: otherwise this test would prove nothing.
      await assertOnlyRegistry(scratch, publicRegistry.url, developer)
      await expect(scratch.run('changeset', ['publish'], developer)).rejects.toThrow()
      expect(
        publicRegistry.requests.filter((request) => request.startsWith('PUT /@pds')).length,
      ).toBeGreaterThan(0)

      publicRegistry.requests.length = 0
      await publish(scratch, local.url, developer)
      expect(local.published()).toBe(scratch.packages().length)
      expect(publicRegistry.requests).toEqual([])
    } finally {
      await Promise.all([publicRegistry.close(), local.close()])
    }
  })

  it('fails if the repository names another registry', async () => {
    const scratch = await ScratchRepository.copy(path.join(folder, 'names-another'))
    const { url } = release.registry
    for (const key of ['registry', '@pds:registry']) {
      writeFileSync(path.join(scratch.folder, '.npmrc'), `${key}=http://127.0.0.1:10/\n`)
      await expect(publish(scratch, url)).rejects.toThrow(
        `@pds/auth-jwt would be published to http://127.0.0.1:10/: remove "${key}" from the repository`,
      )
      await scratch.reset()
    }
    const manifest = JSON.parse(scratch.read('packages/core/package.json'))
    manifest.publishConfig['@pds:registry'] = 'http://127.0.0.1:10/'
    writeFileSync(path.join(scratch.folder, 'packages/core/package.json'), JSON.stringify(manifest))
    await expect(publish(scratch, url)).rejects.toThrow(
      'the publishConfig of @pds/core names a registry: remove "@pds:registry"',
    )
  })
})
