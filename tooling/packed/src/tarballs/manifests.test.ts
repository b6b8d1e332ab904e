import { describe, expect, it } from 'vitest'
import { publishedPackages } from '../packages/published-packages.ts'

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

describe.each(packages)('the manifest of $name', ({ manifest }) => {
  it('has no field that is for others than users: no script, no dependency of the tests', () => {
    expect(Object.keys(manifest).filter((field) => !fields.includes(field))).toEqual([])
  })

  it('names no version that only our workspace knows', () => {
    expect(JSON.stringify(manifest)).not.toMatch(/"(workspace|catalog|link|file|portal|npm):/)
  })

  it('takes our packages from the version on that they were packed with', () => {
    const ours = Object.entries(manifest.dependencies ?? {}).filter(([name]) => name.startsWith('@pds/'))
    expect(ours).toEqual(ours.map(([name]) => [name, `^${versions.get(name)}`]))
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
