import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { repository } from '../documents/documents.ts'
import { readmeOutline } from './outline.ts'

/*
 * The Chinese README has the same structure as the English README: headings, paragraphs, lists, tables, links, names in
 * backticks and code. The translator chooses the words.
 */

const read = (name: string) => readFileSync(path.join(repository, name), 'utf8')
const english = readmeOutline(read('README.md'))
const chinese = readmeOutline(read('README.zh-CN.md'))

/** The translations of the headings. To change a heading, change it here and in both languages. */
const headings: Record<string, string> = {
  'PDS token SDK': 'PDS 令牌 SDK',
  'Quick start': '快速开始',
  'Which package do I need?': '需要哪个软件包？',
  'The packages': '软件包',
  Use: '用法',
  Errors: '错误',
  'Where it runs': '运行环境',
  Performance: '性能',
  Guides: '指南',
  Licence: '许可证',
}

/** Each README links to the other. */
const counterparts: Record<string, string> = {
  'README.zh-CN.md': 'README.md',
  'README.md': 'README.zh-CN.md',
}
const sameTargets = (links: readonly string[]) => links.map((link) => counterparts[link] ?? link).sort()

it('the headings are the same, in the same order', () => {
  const expected = english.map(({ level, heading }) => ({ level, heading: headings[heading] }))
  expect(chinese.map(({ level, heading }) => ({ level, heading }))).toEqual(expected)
  expect(Object.keys(headings), 'the translated headings').toEqual(english.map(({ heading }) => heading))
})

describe.each(english.map((section, index) => ({ section, translated: chinese[index] })))(
  'the section "$section.heading"',
  ({ section, translated }) => {
    it('has the same paragraphs, lists, code and tables', () => {
      expect(translated?.blocks).toEqual(section.blocks)
    })

    it('has the same code, and a translation of each comment', () => {
      const shown = (code: typeof section.code = []) =>
        code.map(({ comments, ...rest }) => ({ ...rest, comments: comments.length }))
      expect(shown(translated?.code)).toEqual(shown(section.code))
    })

    it('has the same links', () => {
      expect(translated?.links).toEqual(sameTargets(section.links))
    })

    it('has the same names in backticks', () => {
      expect(translated?.inlineCode).toEqual(section.inlineCode)
    })

    it('has the same rows and columns', () => {
      expect(translated?.tables).toEqual(section.tables)
    })

    it('is in Chinese, with Chinese punctuation and spaces beside Latin letters', () => {
      const lines = (translated?.prose ?? '').replaceAll('**', '').split('\n')
      const untranslated = lines.filter((line) => /[a-z]{2}/.test(line) && !/\p{Script=Han}/u.test(line))
      expect(untranslated.filter((line) => !/^\|?[\s|-]*$/.test(line))).toEqual([])
      const squeezed = /[\p{Script=Han}][\w`]|[\w`][\p{Script=Han}]|[\p{Script=Han}] ?[,;:!?()]/u
      expect(lines.filter((line) => squeezed.test(line))).toEqual([])
    })
  },
)

describe('each README links to the other', () => {
  it.each([
    ['README.md', 'English · [简体中文](README.zh-CN.md)'],
    ['README.zh-CN.md', '[English](README.md) · 简体中文'],
  ])('%s below its title', (name, line) => {
    expect(read(name).split('\n')[2]).toBe(line)
  })
})
