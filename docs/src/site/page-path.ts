/** Documents for readers on GitHub. The site has other front pages, whose addresses links to these documents get. */
const fronts: Record<string, string> = {
  'README.md': 'index.md',
  'README.zh-CN.md': 'zh/index.md',
  'docs/README.md': 'index.md',
  'docs/zh/README.md': 'zh/index.md',
}

/** Returns the page of the site that shows a document, such as `packages/core.md`, or undefined if none does. */
export function pagePath(document: string): string | undefined {
  if (document in fronts || document === 'docs/typedoc-front-page.md') return undefined
  const [, readme] = /^packages\/([^/]+)\/README\.md$/.exec(document) ?? []
  if (readme !== undefined) return `packages/${readme}.md`
  const [, inDocs] = /^docs\/(?!src\/)(.+\.md)$/.exec(document) ?? []
  if (inDocs !== undefined) return inDocs
  return /^[A-Z]+\.md$/.test(document) ? document.toLowerCase() : undefined
}

/** Returns the page that shows the text of a file or of a folder that is no document. */
export function sourcePage(file: string): string {
  // An address that ends with the extension of a file would be a download.
  return `source/${file.replaceAll('.', '-')}.md`
}

/** Returns the page that a link to a file leads to. */
export function linkedPage(file: string): string {
  return fronts[file] ?? pagePath(file) ?? sourcePage(file)
}

/** Returns the address of a page. */
export function pageAddress(page: string): string {
  return `/${page.replace(/\.md$/, '').replace(/(^|\/)index$/, '$1')}`
}
