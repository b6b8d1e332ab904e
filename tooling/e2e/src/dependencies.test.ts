import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { repository } from './repository.ts'

/*
 * The third-party packages that are installed with each package. A new dependency needs a reason in its commit message
 * and an entry here.
 */
const allowed: Record<string, Record<string, readonly string[]>> = {
  '@pds/auth-jwt': { dependencies: ['jose'] },
  // Opens the browser of the system on all platforms.
  '@pds/auth-loopback': { dependencies: ['open'] },
  // Requests of Node.js become those of fetch. Optional peers: the application installs its framework.
  '@pds/backend': {
    dependencies: ['@remix-run/node-fetch-server', 'jose'],
    peerDependencies: ['express', 'fastify', 'hono'],
    optional: ['express', 'fastify', 'hono'],
  },
  '@pds/cli': { dependencies: ['@clack/prompts', '@napi-rs/keyring', 'commander', 'env-paths'] },
  '@pds/core': { dependencies: ['ky'] },
  '@pds/emulator': { dependencies: ['@hono/node-server', 'hono', 'jose'] },
  '@pds/react': { peerDependencies: ['@types/react', 'react'], optional: ['@types/react'] },
  // An optional peer: in Electron, safeStorage replaces it.
  '@pds/session-keychain': {
    dependencies: ['env-paths'],
    peerDependencies: ['@napi-rs/keyring'],
    optional: ['@napi-rs/keyring'],
  },
  // Optional peers: the application installs the client that it uses.
  '@pds/session-redis': {
    peerDependencies: ['@upstash/redis', 'ioredis', 'redis'],
    optional: ['@upstash/redis', 'ioredis', 'redis'],
  },
}

const kinds = ['dependencies', 'peerDependencies', 'optionalDependencies'] as const

const manifests = readdirSync(path.join(repository, 'packages')).map((folder) =>
  JSON.parse(readFileSync(path.join(repository, 'packages', folder, 'package.json'), 'utf8')),
)

it.each(manifests)('$name has only the listed third-party dependencies', (manifest) => {
  const found: Record<string, readonly string[]> = {}
  for (const kind of kinds) {
    const others = Object.keys(manifest[kind] ?? {}).filter((name) => !name.startsWith('@pds/'))
    if (others.length > 0) found[kind] = others.sort()
  }
  const optional = Object.entries<{ optional?: boolean }>(manifest.peerDependenciesMeta ?? {})
    .filter(([, meta]) => meta.optional)
    .map(([name]) => name)
  if (optional.length > 0) found.optional = optional.sort()
  expect(found).toEqual(allowed[manifest.name] ?? {})
  expect(manifest).not.toHaveProperty('bundleDependencies')
  expect(manifest).not.toHaveProperty('bundledDependencies')
})

it('every listed package exists', () => {
  expect(manifests.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(allowed)))
})
