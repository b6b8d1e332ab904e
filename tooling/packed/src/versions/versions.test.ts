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

/** Makes versions of what the changesets say where all packages have `version`, and tells which have moved. */
async function release(version: string, ...changesets: Record<string, Bump>[]): Promise<Moves> {
  for (const file of scratch.changesets()) rmSync(path.join(scratch.folder, file))
  for (const manifest of scratch.packages()) {
    const at = path.join(scratch.folder, 'packages', manifest.name.replace('@pds/', ''))
    writeFileSync(path.join(at, 'package.json'), `${JSON.stringify({ ...manifest, version }, null, 2)}\n`)
    // There is one from the first release on.
    rmSync(path.join(at, 'CHANGELOG.md'), { force: true })
  }
  for (const [index, bumps] of changesets.entries()) {
    const named = Object.entries(bumps).map(([name, bump]) => `'@pds/${name}': ${bump}\n`)
    const text = 'It was wrong, and is right now. There is nothing to do.'
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

describe('a change moves its package and those that must follow, and no other', () => {
  const standOnCore = [
    'auth-jwt',
    'auth-oauth',
    'client',
    'session',
    'session-redis',
    'session-sqlite',
    'session-web',
  ]

  it.each([
    'auth-jwt',
    'auth-oauth',
    'client',
    'core',
    'emulator',
    'session',
    'session-redis',
    'session-sqlite',
    'session-web',
    'types',
  ])('a patch of %s: the ranges of all others hold it', async (name) => {
    expect(await release('0.1.0', { [name]: 'patch' })).toEqual({ [name]: '0.1.1' })
  })

  it.each([
    // Below 1.0 a minor leaves the ranges of those that depend on it.
    ['types', ['auth-jwt', 'auth-oauth', 'client', 'core', 'emulator', 'session']],
    ['core', standOnCore],
    ['auth-jwt', ['client']],
    ['auth-oauth', ['client']],
    ['session', ['session-redis', 'session-sqlite', 'session-web']],
    ['client', []],
    ['emulator', []],
    ['session-redis', []],
    ['session-sqlite', []],
    ['session-web', []],
  ])('a minor of %s moves %j, whose ranges it leaves', async (name, followers) => {
    const moved = await release('0.1.0', { [name]: 'minor' })
    const following = Object.fromEntries(followers.map((follower) => [follower, '0.1.1']))
    expect(moved).toEqual({ [name]: '0.2.0', ...following })
    // The changeset has to name them: see what is asked of the pending ones.
    expect(
      unannounced('0.1.0', moved, scratch.packages())
        .map(({ follower }) => follower)
        .sort(),
    ).toEqual(followers)
  })

  it('those that are named move as far as they are named', async () => {
    const named = ['core', ...standOnCore]
    const moved = await release('0.1.0', Object.fromEntries(named.map((name) => [name, 'minor' as const])))
    expect(moved).toEqual(Object.fromEntries(named.map((name) => [name, '0.2.0'])))
    expect(unannounced('0.1.0', moved, scratch.packages())).toEqual([])
  })

  it.each(['types', 'auth-jwt', 'session'])(
    'from 1.0 on, a minor of %s moves no other package',
    async (name) => {
      expect(await release('1.0.0', { [name]: 'minor' })).toEqual({ [name]: '1.1.0' })
    },
  )

  // They use its internal entry, which may change in a minor version.
  it.each([
    ['minor', '1.1.0'],
    ['major', '2.0.0'],
  ] as const)('from 1.0 on, a %s of core moves its dependants by a patch', async (bump, version) => {
    const following = Object.fromEntries(standOnCore.map((name) => [name, '1.0.1']))
    expect(await release('1.0.0', { core: bump })).toEqual({ core: version, ...following })
  })

  it('from 1.0 on, a minor of core need not be named beside its dependants', async () => {
    const moved = await release('1.0.0', { core: 'minor' })
    expect(unannounced('1.0.0', moved, scratch.packages())).toEqual([])
  })
})

describe('what a release writes', () => {
  it('the version of @pds/core stands in its source', async () => {
    await release('0.1.0', { core: 'patch' })
    expect(scratch.read('packages/core/src/transport/user-agent.ts')).toContain("version = '0.1.1'\n")
  })

  it('a changelog has the text of the changeset, and what else moved in a line', async () => {
    await release(
      '0.1.0',
      { core: 'minor', types: 'patch', 'auth-oauth': 'minor' },
      { 'auth-oauth': 'patch' },
    )
    const text = 'It was wrong, and is right now. There is nothing to do.'
    const dependencies =
      'With `@pds/core` 0.2.0 and `@pds/types` 0.1.1: their changelogs say what is different.'
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
