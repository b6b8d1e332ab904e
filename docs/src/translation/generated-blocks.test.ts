import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { toChinese } from 'shared/chinese'
import { expect, it } from 'vitest'
import { readDocument, repository } from '../documents/documents.ts'
import { pairs } from './pairs.ts'

/* A generated block of a document in Chinese has the facts of the block in English. */

const block = /(<!-- ([\w-]+):begin -->\n)([\s\S]*?)(?=\n?<!-- \2:end -->)/g
const blocksOf = (text: string) =>
  [...text.matchAll(block)].map(([, , name, content]) => [name, content] as const)

const generated = pairs
  // The tests of the packages write the table of each README.
  .filter(({ english }) => english !== 'README.md')
  .filter(({ english }) => blocksOf(readDocument(english)).length > 0)

it('there are generated blocks', () => {
  expect(generated.map(({ english }) => english)).toContain('docs/performance.md')
})

it.each(generated)('$chinese has the facts of $english', ({ english, chinese }) => {
  const facts = new Map(
    blocksOf(readDocument(english)).map(([name, content = '']) => [name, toChinese(content)]),
  )
  const text = readDocument(chinese)
  const updated = text.replaceAll(
    block,
    (_block, begin: string, name: string) => begin + (facts.get(name) ?? ''),
  )
  if (process.env.PDS_WRITE_TABLES) writeFileSync(path.join(repository, chinese), updated)
  else expect(text, 'PDS_WRITE_TABLES=1 pnpm unit --project docs updates it').toBe(updated)
})
