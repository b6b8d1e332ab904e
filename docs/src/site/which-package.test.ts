import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { readDocument, repository } from '../documents/documents.ts'

const table = /^\|.*\n\|---.*\n(?:\|.*\n)+/m

it.each([
  { page: 'docs/which-package.md', readme: 'README.md', heading: '## Which package do I need?' },
  { page: 'docs/zh/which-package.md', readme: 'README.zh-CN.md', heading: '## 需要哪个软件包？' },
])('$page has the table of $readme', ({ page, readme, heading }) => {
  const [, section = ''] = readDocument(readme).split(heading)
  const [rows = ''] = table.exec(section) ?? []
  const folder = path.posix.dirname(page)
  const expected = rows.replaceAll(/\]\(([^):]+)\)/g, (_, link) => `](${path.posix.relative(folder, link)})`)
  expect(expected).toContain('@pds/emulator')
  const text = readDocument(page)
  const updated = text.replace(table, () => expected)
  if (process.env.PDS_WRITE_TABLES) writeFileSync(path.join(repository, page), updated)
  else expect(text, 'PDS_WRITE_TABLES=1 pnpm unit --project docs updates it').toBe(updated)
})
