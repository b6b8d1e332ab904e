import { existsSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { documents, readDocument, repository } from '../documents/documents.ts'
import { chineseTarget, linkTarget } from './link-target.ts'
import { outlineOf, type Section } from './outline.ts'
import { isChinese, pairs } from './pairs.ts'
import { changesOf, recordedComparisons } from './sections.ts'

/*
 * A document has the same structure in both languages: headings, paragraphs, lists, tables, links, names in backticks and
 * code. The translator chooses the words. A section that has changed in one language only fails.
 */

it('each document in Chinese is the translation of a document in English', () => {
  expect(documents.filter(isChinese).sort()).toEqual(pairs.map(({ chinese }) => chinese).sort())
})

const recorded = recordedComparisons()

it('only existing documents have been compared', () => {
  expect(Object.keys(recorded).sort()).toEqual(pairs.map(({ english }) => english).sort())
})

const complete = pairs.filter(({ chinese }) => existsSync(path.join(repository, chinese)))

describe.each(complete)('$english and $chinese', (pair) => {
  const [english, chinese] = [outline(pair.english), outline(pair.chinese)]
  const both = english.map((section, index) => [section, chinese[index]] as const)

  it('say the same', () => {
    // Change the section in the other language too, then: node docs/src/translation/record-translations.ts
    expect(changesOf(pair, recorded[pair.english])).toEqual([])
  })

  it('have the same headings', () => {
    expect(chinese.map(({ level }) => level)).toEqual(english.map(({ level }) => level))
    const isSame = (one: Section, other?: Section) => one.heading === other?.heading
    for (const [section, translated] of both) {
      // A name stays.
      if (isSame(section, translated))
        expect(section.heading).toMatch(/^(@pds\/[\w-]+|[A-Z`\d][\w`.@/() -]*|\w+)$/)
    }
  })

  it('have the same paragraphs, lists, code and tables', () => {
    for (const [section, translated] of both)
      expect(translated?.blocks, section.heading).toEqual(section.blocks)
  })

  it('have the same code, with as many comments', () => {
    const shown = (code: Section['code'] = []) =>
      code.map(({ comments, ...rest }) => ({ ...rest, comments: comments.length }))
    for (const [section, translated] of both)
      expect(shown(translated?.code), section.heading).toEqual(shown(section.code))
  })

  it('have the same links, in Chinese to the documents in Chinese', () => {
    const targets = (document: string, links: readonly string[] = []) =>
      links.map((link) => linkTarget(document, link))
    for (const [section, translated] of both) {
      const expected = targets(pair.english, section.links).map(chineseTarget)
      expect(targets(pair.chinese, translated?.links).sort(), section.heading).toEqual(expected.sort())
    }
  })

  it('have the same names in backticks', () => {
    for (const [section, translated] of both)
      expect(translated?.inlineCode, section.heading).toEqual(section.inlineCode)
  })

  it('have tables with the same rows, columns, names and links', () => {
    const shown = (document: string, tables: Section['tables'] = [], toTarget = (target: string) => target) =>
      tables.map((rows) =>
        rows.map((row) =>
          row.map(({ links, inlineCode }) => ({
            links: links.map((link) => toTarget(linkTarget(document, link))).sort(),
            inlineCode,
          })),
        ),
      )
    for (const [section, translated] of both) {
      const expected = shown(pair.english, section.tables, chineseTarget)
      expect(shown(pair.chinese, translated?.tables), section.heading).toEqual(expected)
    }
  })

  it('are in Chinese, with Chinese punctuation and spaces beside Latin letters', () => {
    const lines = chinese.flatMap(({ prose }) => prose.replaceAll('**', '').split('\n'))
    const untranslated = lines.filter((line) => /[a-z]{2}/.test(line) && !/\p{Script=Han}/u.test(line))
    const names = english.map(({ heading }) => heading)
    expect(untranslated.filter((line) => !/^\|?[\s|-]*$/.test(line) && !names.includes(line))).toEqual([])
    const squeezed = /[\p{Script=Han}][\w`]|[\w`][\p{Script=Han}]|[\p{Script=Han}] ?[,;:!?()]/u
    expect(lines.filter((line) => squeezed.test(line))).toEqual([])
  })

  it('link to each other below their titles', () => {
    const line = (document: string) => readDocument(document).split('\n')[2] ?? ''
    const link = (from: string, to: string) => path.posix.relative(path.posix.dirname(from), to)
    expect(line(pair.english)).toBe(`English · [简体中文](${link(pair.english, pair.chinese)})`)
    expect(line(pair.chinese)).toBe(`[English](${link(pair.chinese, pair.english)}) · 简体中文`)
  })
})

/** Returns the sections of a document, without the line of its languages. */
function outline(document: string): Section[] {
  return outlineOf(readDocument(document).replace(/^(English · |\[English\]\().*\n\n?/m, ''))
}
