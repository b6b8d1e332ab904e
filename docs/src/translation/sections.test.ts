import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { repository } from '../documents/documents.ts'
import { changesOf, compareSections } from './sections.ts'

const english = '# Title\n\n## Setup\n\nInstall it.\n\n## Use\n\nRun it.\n\n## Use\n\nStop it.\n'
const chinese = '# 标题\n\n## 安装\n\n安装它。\n\n## 使用\n\n运行它。\n\n## 使用\n\n停止它。\n'
let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pds-sections-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Writes the texts of both languages, and returns the documents. */
function pairOf(texts: { readonly english: string; readonly chinese: string }) {
  const write = (name: string, text: string) => {
    writeFileSync(path.join(folder, name), text)
    return path.relative(repository, path.join(folder, name))
  }
  return { english: write('en.md', texts.english), chinese: write('zh.md', texts.chinese) }
}

/** Records the texts above, and returns what then changes. */
function changesTo(texts: { readonly english: string; readonly chinese: string }) {
  const recorded = compareSections(pairOf({ english, chinese }))
  return changesOf(pairOf(texts), recorded)
}

it('an unchanged document has no changes', () => {
  expect(changesTo({ english, chinese })).toEqual([])
})

it('a changed section is in the changes, with its languages', () => {
  const changed = { english: english.replace('Run', 'Start'), chinese }
  expect(changesTo(changed)).toEqual([{ heading: 'Use', english: true, chinese: false }])
  expect(changesTo({ ...changed, chinese: chinese.replace('运行', '启动') })).toEqual([
    { heading: 'Use', english: true, chinese: true },
  ])
})

it('a heading that changed in English only is a change of English only', () => {
  expect(changesTo({ english: english.replace('Setup', 'Installation'), chinese })).toEqual([
    { heading: 'Installation', english: true, chinese: false },
  ])
})

it('a section that was added in both languages is the only change, also before sections with numbers', () => {
  const added = {
    english: english.replace('## Use', '## Requirements\n\nNode.js.\n\n## Use'),
    chinese: chinese.replace('## 使用', '## 要求\n\nNode.js。\n\n## 使用'),
  }
  expect(changesTo(added)).toEqual([{ heading: 'Requirements', english: true, chinese: true }])
})

it('a section that was added in English changes only that section', () => {
  const changes = changesTo({ english: english.replace('## Use', '## Requirements\n\n## Use'), chinese })
  expect(changes).toContainEqual({ heading: 'Requirements', english: true, chinese: false })
  expect(changes.filter((change) => change.english)).toHaveLength(1)
})

it('without a record, each section has changed in both languages', () => {
  expect(changesOf(pairOf({ english: '# Title\n', chinese: '# 标题\n' }))).toEqual([
    { heading: 'Title', english: true, chinese: true },
  ])
})
