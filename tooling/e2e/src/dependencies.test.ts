import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { repository } from './repository.ts'

/*
 * All that a user installs with a package, beside our own. Another one has its reason in a commit message, and comes in
 * here with it.
 */
const known: Record<string, Record<string, readonly string[]>> = {
  '@pds/auth-jwt': { dependencies: ['jose'] },
  '@pds/core': { dependencies: ['ky'] },
  '@pds/emulator': { dependencies: ['@hono/node-server', 'hono', 'jose'] },
  // Not installed with it: either is there already, or is not needed.
  '@pds/session-redis': { peerDependencies: ['ioredis', 'redis'], optional: ['ioredis', 'redis'] },
}

const kinds = ['dependencies', 'peerDependencies', 'optionalDependencies'] as const

const manifests = readdirSync(path.join(repository, 'packages')).map((folder) =>
  JSON.parse(readFileSync(path.join(repository, 'packages', folder, 'package.json'), 'utf8')),
)

it.each(manifests)('$name depends on nothing but our packages and those that are known', (manifest) => {
  const found: Record<string, readonly string[]> = {}
  for (const kind of kinds) {
    const others = Object.keys(manifest[kind] ?? {}).filter((name) => !name.startsWith('@pds/'))
    if (others.length > 0) found[kind] = others.sort()
  }
  const optional = Object.entries<{ optional?: boolean }>(manifest.peerDependenciesMeta ?? {})
    .filter(([, meta]) => meta.optional)
    .map(([name]) => name)
  if (optional.length > 0) found.optional = optional.sort()
  expect(found).toEqual(known[manifest.name] ?? {})
  expect(manifest).not.toHaveProperty('bundleDependencies')
  expect(manifest).not.toHaveProperty('bundledDependencies')
})

it('no package that is known is gone', () => {
  expect(manifests.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(known)))
})
