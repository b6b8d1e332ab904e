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
  it('name published packages alone, and say more than one sentence to their users', () => {
    const names = scratch.packages().map(({ name }) => name)
    for (const file of scratch.changesets())
      expect({ file, wrong: wrongWith(scratch.read(file), names) }).toEqual({ file, wrong: [] })
  })

  it('move the packages, and take none out of the range of another that stays in its own', async () => {
    // Right after a release there are none.
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
      missing.map((it) => `name '@pds/${it.follower}' beside '@pds/${it.dependency}', with the same bump`),
    ).toEqual([])
    for (const name of Object.keys(moved)) {
      const changelog = scratch.read(`packages/${name}/CHANGELOG.md`)
      expect(changelog).toMatch(new RegExp(`^# @pds/${name}\n\n## ${moved[name]?.replaceAll('.', '\\.')}\n`))
    }
  })
})

describe('what is asked of a changeset', () => {
  const names = ['@pds/core', '@pds/types']
  const good = 'Answers were read twice. They are read once now, and nothing has to be done for it.'

  it.each([
    [`---\n'@pds/core': minor\n---\n\n${good}\n`, []],
    [`---\n'@pds/core': minor\n"@pds/types": patch\n---\n\n${good}\n\nA second paragraph.\n`, []],
    [`---\n'@pds/cor': minor\n---\n\n${good}\n`, ['"@pds/cor" is none of the published packages']],
    [`---\n'e2e': patch\n---\n\n${good}\n`, ['"e2e" is none of the published packages']],
    [`---\n'@pds/core': minr\n---\n\n${good}\n`, ['"minr" is none of patch, minor and major']],
    [`---\n---\n\n${good}\n`, ['it names no package']],
    [good, ['it names no package']],
    [`---\n'@pds/core': minor\n---\n`, ['it has to say more than one sentence']],
    [`---\n'@pds/core': minor\n---\n\nAdd an option\n`, ['it has to say more than one sentence']],
    [
      `---\n'@pds/core': minor\n---\n\nThe option \`a.b\` of v1.2 is new.\n`,
      ['it has to say more than one sentence'],
    ],
    [`---\n'@pds/core': minor\n---\n\n## Fixes\n\n${good}\n`, ['headings are those of the changelog']],
  ])('%j', (text, wrong) => {
    expect(wrongWith(text, names)).toEqual(wrong)
  })
})

/** Says what is wrong with the text of a changeset. */
function wrongWith(text: string, names: readonly string[]): string[] {
  const [, header = '', body = ''] = /^---\n(.*?)---\n(.*)$/s.exec(text) ?? []
  const releases = header.split('\n').filter((line) => line.trim() !== '')
  const wrong = releases.length === 0 ? ['it names no package'] : []
  for (const line of releases) {
    const [, name = line, bump = ''] = /^['"](.+)['"]: (\S+)$/.exec(line) ?? []
    if (!names.includes(name)) wrong.push(`"${name}" is none of the published packages`)
    if (!['patch', 'minor', 'major'].includes(bump)) wrong.push(`"${bump}" is none of patch, minor and major`)
  }
  // What was the matter, what is different, what to do: no single sentence says that well.
  const sentences = body.trim().match(/[^.!?:]{10,}?[.!?](?=\s|$)/gs) ?? []
  if (releases.length > 0 && sentences.length < 2) wrong.push('it has to say more than one sentence')
  if (/^#/m.test(body)) wrong.push('headings are those of the changelog')
  return wrong
}
