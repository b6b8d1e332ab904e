import { globSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CodeBlock, codeBlocks } from '../documents/code-blocks.ts'
import { documents, readDocument, repository } from '../documents/documents.ts'
import { sectionsOf } from '../documents/sections.ts'
import { causes, sdkCodes, serviceCodes } from '../tables/known-names.ts'

/* Tests that the guides are complete. code-blocks.test.ts tests their code, with the code of all documents. */

const guides = documents.filter((document) => document.startsWith('docs/guides/'))

it('a guide shows each file of the examples, or parts of it', () => {
  const blocks = guides.flatMap((guide) => codeBlocks(guide, readDocument(guide)))
  const shown = new Set(blocks.map(({ source }) => source?.replace(/#.*/, '')))
  const files = globSync('docs/examples/**/*.{ts,tsx,html,vue,svelte}', { cwd: repository })
    .map((file) => file.replaceAll(path.sep, '/'))
    // A placeholder for the login of the application.
    .filter((file) => file !== 'docs/examples/nextjs-own-login/lib/login.ts')
  expect(files.length).toBeGreaterThan(0)
  expect(files.filter((file) => !shown.has(file))).toEqual([])
})

const examples = guides
  .map((guide) => {
    const blocks = codeBlocks(guide, readDocument(guide))
    return { guide, code: blocks.filter(({ source }) => source), commands: blocks.filter(isShellBlock) }
  })
  .filter(({ code }) => code.length > 0)

function isShellBlock({ language }: CodeBlock): boolean {
  return language === 'sh'
}

it.each(examples)('$guide installs the packages that its code imports', ({ code, commands }) => {
  const imports = code.flatMap(({ code }) => [...code.matchAll(/ from '((?:@[^/']+\/)?[^/']+)[^']*'$/gm)])
  const installs = commands.flatMap(({ code }) => [...code.matchAll(/^npm install (.*)$/gm)])
  const installed = installs.flatMap(([, names = '']) => names.split(' '))
  const imported = imports
    .map(([, name = '']) => name)
    .filter((name) => !/^(\.|node:|cloudflare:)/.test(name))
  expect(imported.length).toBeGreaterThan(0)
  expect(installed).toEqual(expect.arrayContaining(imported))
})

describe('the troubleshooting guide', () => {
  const guide = sectionsOf(readDocument('docs/guides/troubleshooting.md'), '## ')
  const chapters = [
    ['Codes of the SDK', Object.keys(sdkCodes)],
    // The last entry covers the codes that the SDK does not know.
    ['Codes of the service', [...Object.keys(serviceCodes), 'Other codes']],
    ['Causes of `LoginRequired`', Object.keys(causes)],
    ['Pools of sessions', ['state is unknown', 'stats().pinned', 'the pool of sessions is closed']],
  ] as const

  it.each(chapters)('lists all %s with their meaning, causes and actions', (chapter, names) => {
    const entries = sectionsOf(guide.get(chapter) ?? '', '### ')
    const listed = [...entries.keys()].map((name) => name.replaceAll('`', ''))
    expect(listed.sort()).toEqual([...names].sort())
    for (const [name, text] of entries) {
      if (name === 'Other codes') continue
      const items = text.split(/^- /m).slice(1)
      const parts = items.map((item) => /^\*\*(.*?)\*\*: ([A-Z`\d][\s\S]*\.)\s*$/i.exec(item)?.[1])
      expect({ name, parts }).toEqual({ name, parts: ['Means', 'Causes', 'Do'] })
    }
  })
})

describe('the index of the documents', () => {
  const index = readDocument('docs/README.md')

  it('links to exactly the existing guides, by their titles', () => {
    const links = [...index.matchAll(/\[([^\]]*)\]\((guides\/[^)#]*)\)/g)]
    const listed = links.map(([, title, file]) => `${file}: ${title}`).sort()
    const titles = guides.map((guide) => [guide, /^# (.*)$/m.exec(readDocument(guide))?.[1]] as const)
    expect(listed).toEqual(titles.map(([guide, title]) => `${guide.slice('docs/'.length)}: ${title}`))
  })

  it.each(guides)('%s opens with its readers and what they get', (guide) => {
    // Below the title and the languages.
    const [, , opening = ''] = readDocument(guide).split('\n\n')
    expect(opening).toMatch(/^For /)
    expect(opening).toMatch(/\sYou (will\shave|look\sup)\s/)
  })
})
