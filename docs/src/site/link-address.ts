import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { readDocument, repository } from '../documents/documents.ts'
import { linkTarget } from '../translation/link-target.ts'
import { linkedPage, pageAddress } from './page-path.ts'

/** Returns the file that a link of a document leads to, or undefined for links to anchors and to other hosts. */
export function linkedFile(document: string, link: string): string | undefined {
  if (/^([a-z]+:|#)/.test(link)) return undefined
  const [target = ''] = linkTarget(document, link).split('#')
  const file = target.startsWith('docs/api/_media/') ? originalOf(target) : target.replace(/\/$/, '')
  if (!existsSync(path.join(repository, file)))
    throw new Error(`${document} links to ${link}, which does not exist`)
  return file
}

/** Returns the address on the site of a link of a document. */
export function linkAddress(document: string, link: string): string {
  const file = linkedFile(document, link)
  if (file === undefined) return link
  const page = linkedPage(file)
  const [, anchor] = link.split('#')
  // The front pages of the site have other headings than the READMEs.
  return pageAddress(page) + (anchor === undefined || /^(zh\/)?index\.md$/.test(page) ? '' : `#${anchor}`)
}

/** TypeDoc copies the documents that docstrings link to. Returns the document that was copied. */
function originalOf(copy: string): string {
  const text = readDocument(copy)
  const isCopied = (file: string) => readFileSync(path.join(repository, file), 'utf8') === text
  const found = globSync(['*.md', 'docs/*.md', 'docs/guides/*.md', 'packages/*/*.md'], {
    cwd: repository,
  }).find(isCopied)
  if (found === undefined) throw new Error(`no document has the text of ${copy}`)
  return found.replaceAll(path.sep, '/')
}
