import { readFileSync } from 'node:fs'
import path from 'node:path'
import { inc, satisfies } from 'semver'
import { describe, expect, it } from 'vitest'
import { listTarball, publishedPackages } from '../packages/published-packages.ts'

// `repository` names no address until there is a public one: npm wants it for a package that is published with
// provenance. `homepage` and `bugs` go with it.
const fields = [
  'name',
  'version',
  'description',
  'license',
  'repository',
  'homepage',
  'bugs',
  'type',
  'keywords',
  'exports',
  'imports',
  'bin',
  'sideEffects',
  'files',
  'engines',
  'publishConfig',
  'dependencies',
  'peerDependencies',
  'peerDependenciesMeta',
]

const packages = publishedPackages()
const versions = new Map(packages.map(({ name, manifest }) => [name, manifest.version]))

/** The packages that import `@pds/core/internal`, in their modules or their declarations. */
const usersOfInternal = packages.filter(({ name, tarball, installed }) => {
  const files = listTarball(tarball).filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file))
  const usesInternal = (file: string) =>
    /["']@pds\/core\/internal["']/.test(readFileSync(path.join(installed, file), 'utf8'))
  return name !== '@pds/core' && files.some(usesInternal)
})

describe.each(packages)('the manifest of $name', ({ name, manifest }) => {
  it('has no field that is for others than users: no script, no dependency of the tests', () => {
    expect(Object.keys(manifest).filter((field) => !fields.includes(field))).toEqual([])
  })

  it('names no version that only our workspace knows', () => {
    expect(JSON.stringify(manifest)).not.toMatch(/"(workspace|catalog|link|file|portal|npm):/)
  })

  it('takes our packages from the version on that they were packed with', () => {
    const ours = Object.entries(manifest.dependencies ?? {}).filter(([name]) => name.startsWith('@pds/'))
    const usesInternal = usersOfInternal.some((user) => user.name === name)
    const rangeOf = (dependency: string) =>
      `${usesInternal && dependency === '@pds/core' ? '~' : '^'}${versions.get(dependency)}`
    expect(ours).toEqual(ours.map(([dependency]) => [dependency, rangeOf(dependency)]))
  })

  it('says what bundlers, runtimes and people ask it', () => {
    expect(manifest).toMatchObject({
      description: expect.stringMatching(/^.{20,}\.$/),
      license: 'MIT',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=22' },
      publishConfig: { access: 'public' },
    })
    expect(manifest.exports).toHaveProperty(['./package.json'], './package.json')
  })
})

describe('`@pds/core/internal` may change in any minor version', () => {
  it('is used by packages', () => {
    expect(usersOfInternal.map(({ name }) => name)).toContain('@pds/auth-oauth')
  })

  it.each(usersOfInternal)('so $name accepts only patches of @pds/core', ({ manifest }) => {
    const version = versions.get('@pds/core') ?? ''
    const range = manifest.dependencies?.['@pds/core'] ?? ''
    const accepts = (bump: 'patch' | 'minor' | 'major') => satisfies(inc(version, bump) ?? '', range)
    expect({ patch: accepts('patch'), minor: accepts('minor'), major: accepts('major') }).toEqual({
      patch: true,
      minor: false,
      major: false,
    })
  })
})
