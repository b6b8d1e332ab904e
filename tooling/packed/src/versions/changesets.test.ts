import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ScratchRepository } from '../registry/scratch.ts'
import { movesOf, unannounced } from './moves.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'pds-changesets-'))
let scratch: ScratchRepository

beforeAll(async () => {
  scratch = await ScratchRepository.copy(path.join(folder, 'repository'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the pending changesets', () => {
  it('name only published packages, and contain at least two sentences', () => {
    const names = scratch.packages().map(({ name }) => name)
    for (const file of scratch.changesets())
      expect({ file, problems: problemsOf(scratch.read(file), names) }).toEqual({ file, problems: [] })
  })

  it('update packages, and name each dependant that needs the same bump', async () => {
    // Right after a release, there are no changesets.
    const pending = scratch.changesets()
    if (pending.length === 0) return
    const before = scratch.packages()
    await scratch.versionPackages()
    const moved = movesOf(before, scratch.packages())
    expect(Object.keys(moved)).not.toEqual([])
    expect(scratch.changesets()).toEqual([])
    const versions = new Map(before.map(({ name, version }) => [name, version]))
    const missing = unannounced(versions, moved, scratch.packages())
    expect(
      missing.map(
        ({ dependant, dependency }) =>
          `add '@pds/${dependant}' to the changeset, with the bump of '@pds/${dependency}'`,
      ),
    ).toEqual([])
    for (const name of Object.keys(moved)) {
      const changelog = scratch.read(`packages/${name}/CHANGELOG.md`)
      expect(changelog).toMatch(new RegExp(`^# @pds/${name}\n\n## ${moved[name]?.replaceAll('.', '\\.')}\n`))
    }
  })
})

describe('the check of a changeset', () => {
  const names = ['@pds/core', '@pds/types']
  const good = 'Responses were read twice. They are read once now. You need not change anything.'

  it.each([
    [`---\n'@pds/core': minor\n---\n\n${good}\n`, []],
    [`---\n'@pds/core': minor\n"@pds/types": patch\n---\n\n${good}\n\nA second paragraph.\n`, []],
    [`---\n'@pds/cor': minor\n---\n\n${good}\n`, ['"@pds/cor" is not a published package']],
    [`---\n'e2e': patch\n---\n\n${good}\n`, ['"e2e" is not a published package']],
    [`---\n'@pds/core': minr\n---\n\n${good}\n`, ['"minr" is not patch, minor or major']],
    [`---\n---\n\n${good}\n`, ['it names no package']],
    [good, ['it names no package']],
    [`---\n'@pds/core': minor\n---\n`, ['it needs at least two sentences']],
    [`---\n'@pds/core': minor\n---\n\nAdd an option\n`, ['it needs at least two sentences']],
    [
      `---\n'@pds/core': minor\n---\n\nThe option \`a.b\` of v1.2 is new.\n`,
      ['it needs at least two sentences'],
    ],
    [
      `---\n'@pds/core': minor\n---\n\n## Fixes\n\n${good}\n`,
      ['it must not contain headings, which the changelog adds'],
    ],
  ])('of %j', (text, problems) => {
    expect(problemsOf(text, names)).toEqual(problems)
  })
})

/** Returns the problems of the text of a changeset. */
function problemsOf(text: string, names: readonly string[]): string[] {
  const [, header = '', body = ''] = /^---\n(.*?)---\n(.*)$/s.exec(text) ?? []
  const releases = header.split('\n').filter((line) => line.trim() !== '')
  const problems = releases.length === 0 ? ['it names no package'] : []
  for (const line of releases) {
    const [, name = line, bump = ''] = /^['"](.+)['"]: (\S+)$/.exec(line) ?? []
    if (!names.includes(name)) problems.push(`"${name}" is not a published package`)
    if (!['patch', 'minor', 'major'].includes(bump)) problems.push(`"${bump}" is not patch, minor or major`)
  }
  // A changeset says what was wrong, what changes and what to do. One sentence is not enough.
  const sentences = body.trim().match(/[^.!?:]{10,}?[.!?](?=\s|$)/gs) ?? []
  if (releases.length > 0 && sentences.length < 2) problems.push('it needs at least two sentences')
  if (/^#/m.test(body)) problems.push('it must not contain headings, which the changelog adds')
  return problems
}
