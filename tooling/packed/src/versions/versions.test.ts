import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ScratchRepository } from '../registry/scratch.ts'
import { type Moves, movesOf, unannounced } from './moves.ts'

type Bump = 'major' | 'minor' | 'patch'

const folder = mkdtempSync(path.join(tmpdir(), 'pds-versions-'))
let scratch: ScratchRepository

beforeAll(async () => {
  scratch = await ScratchRepository.copy(path.join(folder, 'repository'))
})
afterEach(() => scratch.reset())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Versions the packages by the changesets, starting from `version`. Returns the updated packages. */
async function release(version: string, ...changesets: Record<string, Bump>[]): Promise<Moves> {
  for (const file of scratch.changesets()) rmSync(path.join(scratch.folder, file))
  for (const manifest of scratch.packages()) {
    const at = path.join(scratch.folder, 'packages', manifest.name.replace('@pds/', ''))
    writeFileSync(path.join(at, 'package.json'), `${JSON.stringify({ ...manifest, version }, null, 2)}\n`)
    // The changelog exists since the first release.
    rmSync(path.join(at, 'CHANGELOG.md'), { force: true })
  }
  for (const [index, bumps] of changesets.entries()) {
    const named = Object.entries(bumps).map(([name, bump]) => `'@pds/${name}': ${bump}\n`)
    const text = 'It was wrong and is correct now. There is nothing to do.'
    writeFileSync(
      path.join(scratch.folder, '.changeset', `change-${index}.md`),
      `---\n${named.join('')}---\n\n${text}\n`,
    )
  }
  const before = scratch.packages()
  const others = scratch.privatePackages()
  await scratch.versionPackages()
  expect(scratch.privatePackages()).toEqual(others)
  return movesOf(before, scratch.packages())
}

describe('a change updates its package and the packages that depend on it', () => {
  const dependantsOfCore = [
    'auth-jwt',
    'auth-loopback',
    'auth-oauth',
    'backend',
    'cli',
    'client',
    'react',
    'session',
    'session-keychain',
    'session-postgres',
    'session-redis',
    'session-sqlite',
    'session-web',
  ]

  it.each(['core', 'emulator', 'types', ...dependantsOfCore])(
    'a patch of %s leaves all dependants unchanged, because it is in their ranges',
    async (name) => {
      expect(await release('0.1.0', { [name]: 'patch' })).toEqual({ [name]: '0.1.1' })
    },
  )

  it.each([
    // Below 1.0, a minor version is outside of the ranges of the dependants.
    [
      'types',
      [
        'auth-jwt',
        'auth-loopback',
        'auth-oauth',
        'backend',
        'cli',
        'client',
        'core',
        'emulator',
        'react',
        'session',
      ],
    ],
    ['core', dependantsOfCore],
    ['auth-jwt', ['cli', 'client']],
    ['auth-loopback', ['cli']],
    ['auth-oauth', ['auth-loopback', 'backend', 'cli', 'client']],
    [
      'session',
      [
        'backend',
        'cli',
        'client',
        'react',
        'session-postgres',
        'session-redis',
        'session-sqlite',
        'session-web',
      ],
    ],
    ['backend', []],
    ['cli', []],
    ['client', []],
    ['emulator', []],
    ['react', []],
    ['session-keychain', ['cli']],
    ['session-postgres', []],
    ['session-redis', []],
    ['session-sqlite', ['cli']],
    ['session-web', []],
  ])('a minor of %s updates its dependants: %j', async (name, dependants) => {
    const moved = await release('0.1.0', { [name]: 'minor' })
    const updated = Object.fromEntries(dependants.map((dependant) => [dependant, '0.1.1']))
    expect(moved).toEqual({ [name]: '0.2.0', ...updated })
    // A changeset must name them: changesets.test.ts checks that.
    expect(
      unannounced('0.1.0', moved, scratch.packages())
        .map(({ dependant }) => dependant)
        .sort(),
    ).toEqual(dependants)
  })

  it('packages that a changeset names get the named bump', async () => {
    const named = ['core', ...dependantsOfCore]
    const moved = await release('0.1.0', Object.fromEntries(named.map((name) => [name, 'minor' as const])))
    expect(moved).toEqual(Object.fromEntries(named.map((name) => [name, '0.2.0'])))
    expect(unannounced('0.1.0', moved, scratch.packages())).toEqual([])
  })

  it.each(['types', 'auth-jwt', 'auth-oauth'])(
    'since 1.0, a minor of %s leaves all dependants unchanged',
    async (name) => {
      expect(await release('1.0.0', { [name]: 'minor' })).toEqual({ [name]: '1.1.0' })
    },
  )

  // The dependants use the internal entries, which may change in a minor version.
  it.each([
    ['core', 'minor', '1.1.0', dependantsOfCore],
    ['core', 'major', '2.0.0', dependantsOfCore],
    ['session', 'minor', '1.1.0', ['client']],
  ] as const)(
    'since 1.0, %s updates those that use its internal entry by a patch after a %s',
    async (name, bump, version, dependants) => {
      const updated = Object.fromEntries(dependants.map((dependant) => [dependant, '1.0.1']))
      expect(await release('1.0.0', { [name]: bump })).toEqual({ [name]: version, ...updated })
    },
  )

  it.each(['core', 'session'])(
    'since 1.0, a changeset with a minor of %s need not name the dependants',
    async (name) => {
      const moved = await release('1.0.0', { [name]: 'minor' })
      expect(unannounced('1.0.0', moved, scratch.packages())).toEqual([])
    },
  )
})

describe('a release', () => {
  it('writes the version of @pds/core into its source', async () => {
    await release('0.1.0', { core: 'patch' })
    expect(scratch.read('packages/core/src/transport/user-agent.ts')).toContain("version = '0.1.1'\n")
  })

  it('writes the text of the changeset and a line of the updated dependencies into a changelog', async () => {
    await release(
      '0.1.0',
      { core: 'minor', types: 'patch', 'auth-oauth': 'minor' },
      { 'auth-oauth': 'patch' },
    )
    const text = 'It was wrong and is correct now. There is nothing to do.'
    const dependencies = 'Updates `@pds/core` to 0.2.0 and `@pds/types` to 0.1.1: see their changelogs.'
    expect(scratch.read('packages/auth-oauth/CHANGELOG.md')).toBe(
      [
        '# @pds/auth-oauth',
        '## 0.2.0',
        '### Minor Changes',
        `- ${text}`,
        '### Patch Changes',
        `- ${text}\n- ${dependencies}\n`,
      ].join('\n\n'),
    )
    expect(scratch.read('packages/session/CHANGELOG.md')).toBe(
      ['# @pds/session', '## 0.1.1', '### Patch Changes', `- ${dependencies}\n`].join('\n\n'),
    )
  })
})
