import { readFileSync } from 'node:fs'
import path from 'node:path'
import { inc, satisfies } from 'semver'
import { describe, expect, it } from 'vitest'
import { publishedPackages } from '../packages/published-packages.ts'
import { listTarball } from '../packages/tarball.ts'

// npm requires `repository` for a package that is published with provenance. The manifests get this field, `homepage`
// and `bugs` when the repository has a public address.
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

/** Each package with another one whose `internal` entry it imports, in its modules or its declarations. */
const usesOfInternal = packages.flatMap(({ name, manifest, tarball, installed }) => {
  const files = listTarball(tarball).filter((file) => /^dist\/.*\.(js|d\.ts)$/.test(file))
  const texts = files.map((file) => readFileSync(path.join(installed, file), 'utf8'))
  const imported = texts.flatMap((text) => [...text.matchAll(/["'](@pds\/[\w-]+)\/internal["']/g)])
  const dependencies = new Set(imported.map(([, dependency = '']) => dependency))
  return [...dependencies]
    .filter((dependency) => dependency !== name)
    .map((dependency) => ({ name, manifest, dependency }))
})

describe.each(packages)('the manifest of $name', ({ name, manifest }) => {
  it('has only fields for users: no scripts and no development dependencies', () => {
    expect(Object.keys(manifest).filter((field) => !fields.includes(field))).toEqual([])
  })

  it('has no version range that only works in this workspace', () => {
    expect(JSON.stringify(manifest)).not.toMatch(/"(workspace|catalog|link|file|portal|npm):/)
  })

  it('has ranges for our packages that start at the packed versions', () => {
    const ours = Object.entries(manifest.dependencies ?? {}).filter(([name]) => name.startsWith('@pds/'))
    const usesInternal = (dependency: string) =>
      usesOfInternal.some((use) => use.name === name && use.dependency === dependency)
    const rangeOf = (dependency: string) =>
      `${usesInternal(dependency) ? '~' : '^'}${versions.get(dependency)}`
    expect(ours).toEqual(ours.map(([dependency]) => [dependency, rangeOf(dependency)]))
  })

  it('has the fields that bundlers, runtimes and npm read', () => {
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

describe('an `internal` entry may change in any minor version', () => {
  it('and packages use it', () => {
    const uses = usesOfInternal.map(({ name, dependency }) => [name, dependency])
    expect(uses).toContainEqual(['@pds/auth-oauth', '@pds/core'])
    expect(uses).toContainEqual(['@pds/client', '@pds/session'])
  })

  it.each(usesOfInternal)('so $name accepts only patches of $dependency', ({ manifest, dependency }) => {
    const version = versions.get(dependency) ?? ''
    const range = manifest.dependencies?.[dependency] ?? ''
    const accepts = (bump: 'patch' | 'minor' | 'major') => satisfies(inc(version, bump) ?? '', range)
    expect({ patch: accepts('patch'), minor: accepts('minor'), major: accepts('major') }).toEqual({
      patch: true,
      minor: false,
      major: false,
    })
  })
})
