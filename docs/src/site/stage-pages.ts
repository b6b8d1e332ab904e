import { cpSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { proseOf } from '../documents/code-blocks.ts'
import { readDocument, repository, documents as written } from '../documents/documents.ts'
import { linkedFile } from './link-address.ts'
import { pagePath, sourcePage } from './page-path.ts'
import { sourceText } from './source-text.ts'

/*
 * The documents stay where readers on GitHub find them. VitePress builds copies of them, in folders that have the paths
 * of their addresses.
 */

/** The documents that are pages, by the path of the page. */
export function pageDocuments(): Map<string, string> {
  const api = globSync('docs/api/**/*.md', { cwd: repository, exclude: ['docs/api/_media/**'] })
  const all = [...written, ...api.map((file) => file.replaceAll(path.sep, '/')).sort()]
  return new Map(
    all.flatMap((document) => {
      const page = pagePath(document)
      return page === undefined ? [] : [[page, document] as const]
    }),
  )
}

/** Returns the files and folders that documents link to and that are no documents. A page shows each of them. */
export function linkedSources(documents: readonly string[]): Set<string> {
  const linked = documents.flatMap((document) => linkedFiles(document))
  return new Set(linked.filter((file) => pagePath(file) === undefined && !file.endsWith('.md')))
}

/** Writes the pages of the site into a folder. */
export function stagePages(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  const write = (page: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder, page)), { recursive: true })
    writeFileSync(path.join(folder, page), text)
  }
  const documents = pageDocuments()
  // The site has a menu of languages.
  for (const [page, document] of documents)
    write(page, readDocument(document).replace(/^(English · |\[English\]\().*\n\n/m, ''))
  for (const file of linkedSources([...documents.values()])) write(sourcePage(file), sourceText(file))
  for (const charts of ['charts', 'zh/charts'])
    cpSync(path.join(repository, 'docs', charts), path.join(folder, charts), { recursive: true })
  mkdirSync(path.join(folder, 'public'))
  cpSync(path.join(repository, 'tooling/look/logo.svg'), path.join(folder, 'public/logo.svg'))
}

function linkedFiles(document: string): string[] {
  const links = [...proseOf(readDocument(document)).matchAll(/(?<!!\[[^\]]*)\]\(([^)\s]+)\)/g)].map(
    ([, link = '']) => link,
  )
  return links.flatMap((link) => linkedFile(document, link) ?? [])
}
