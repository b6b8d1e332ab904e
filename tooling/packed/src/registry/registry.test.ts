import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishEnvironment } from './environment.ts'
import {
  type LocalRelease,
  publish,
  publishPacked,
  refuseOtherRegistries,
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
  it('publishes each public package in its version, and tags it', async () => {
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

  it('publishes what was packed before, as the release does, and the same', async () => {
    const registry = await startLocalRegistry(path.join(folder, 'packed'))
    try {
      await publishPacked(release.scratch, registry.url)
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
  it('reaches no registry that whoever runs it is logged in to', async () => {
    const scratch = await ScratchRepository.copy(path.join(folder, 'logged-in'), { built: true })
    const local = await startLocalRegistry(path.join(folder, 'local'))
    // It knows no package, and takes none.
    const public_ = await startStandIn((request) => [request.startsWith('PUT') ? 403 : 404, {}])
    // As `npm login` leaves it, and as a shell or CI may have it: each way in which a registry can be named. Nothing else
    // is from the environment of whoever runs the tests, where another registry may be named in one more way.
    const developer: NodeJS.ProcessEnv = {
      ...publishEnvironment(path.join(folder, 'developer'), public_.url),
      npm_config_registry: public_.url,
      NPM_CONFIG_REGISTRY: public_.url,
      pnpm_config_registry: public_.url,
      PNPM_CONFIG_REGISTRY: public_.url,
      'npm_config_@pds:registry': public_.url,
      NPM_TOKEN: 'a token',
      NODE_AUTH_TOKEN: 'a token',
    }
    // As npm names it to all that it runs.
    developer.npm_config_userconfig = developer.NPM_CONFIG_USERCONFIG
    try {
      // Without what protects it, this would be published: else the test shows nothing. It must be to here.
      await refuseOtherRegistries(scratch, public_.url, developer)
      await expect(scratch.run('changeset', ['publish'], developer)).rejects.toThrow()
      expect(public_.requests.filter((request) => request.startsWith('PUT /@pds')).length).toBeGreaterThan(0)

      public_.requests.length = 0
      await publish(scratch, local.url, developer)
      expect(local.published()).toBe(scratch.packages().length)
      expect(public_.requests).toEqual([])
    } finally {
      await Promise.all([public_.close(), local.close()])
    }
  })

  it('refuses where the repository itself names another registry', async () => {
    const scratch = await ScratchRepository.copy(path.join(folder, 'names-another'))
    const { url } = release.registry
    for (const key of ['registry', '@pds:registry']) {
      writeFileSync(path.join(scratch.folder, '.npmrc'), `${key}=http://127.0.0.1:10/\n`)
      await expect(publish(scratch, url)).rejects.toThrow(
        `@pds/auth-jwt would be published to http://127.0.0.1:10/: look for "${key}" in the repository`,
      )
      await scratch.reset()
    }
    const manifest = JSON.parse(scratch.read('packages/core/package.json'))
    manifest.publishConfig['@pds:registry'] = 'http://127.0.0.1:10/'
    writeFileSync(path.join(scratch.folder, 'packages/core/package.json'), JSON.stringify(manifest))
    await expect(publish(scratch, url)).rejects.toThrow(
      '@pds/core has a registry of its own in its publishConfig: take "@pds:registry" out',
    )
  })
})
