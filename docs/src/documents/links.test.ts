import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { proseOf } from './code-blocks.ts'
import { documents, readDocument, repository } from './documents.ts'
import { anchors } from './sections.ts'

const linked = documents
  .map((document) => {
    const links = [...proseOf(readDocument(document)).matchAll(/\]\(([^)\s]+)\)/g)].map(
      ([, link = '']) => link,
    )
    return { document, links: links.filter((link) => !/^[a-z]+:/.test(link)) }
  })
  .filter(({ links }) => links.length > 0)

it.each(linked)('$document has no dead link', ({ document, links }) => {
  for (const link of links) {
    const [file = '', anchor] = link.split('#')
    const target = file === '' ? document : path.join(path.dirname(document), file)
    const absolute = path.join(repository, target)
    expect(existsSync(absolute), link).toBe(true)
    if (anchor === undefined) continue
    const isFolder = statSync(absolute).isDirectory()
    const text = readDocument(isFolder ? path.join(target, 'README.md') : target)
    expect(anchors(text), link).toContain(decodeURIComponent(anchor))
  }
})
