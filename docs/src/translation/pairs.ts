import { documents } from '../documents/documents.ts'

/** A document in both languages, as paths from the root of the repository. */
export interface Pair {
  english: string
  chinese: string
}

/** The documents for people who change this repository, and those that are pages of no language. */
const untranslated = ['CONTRIBUTING.md', 'docs/typedoc-front-page.md']

/** Every document for users, with the path of its translation. */
export const pairs: readonly Pair[] = documents
  .filter((document) => !isChinese(document) && !untranslated.includes(document))
  // A changelog is generated.
  .filter((document) => !document.endsWith('/CHANGELOG.md'))
  .map((english) => ({ english, chinese: chineseOf(english) }))

/** Whether a document is in Chinese. */
export function isChinese(document: string): boolean {
  return document.startsWith('docs/zh/') || document === 'README.zh-CN.md'
}

/** Returns the English document of a translation, and other documents as they are. */
export function englishOf(document: string): string {
  return pairs.find(({ chinese }) => chinese === document)?.english ?? document
}

function chineseOf(document: string): string {
  if (document === 'README.md') return 'README.zh-CN.md'
  const [, name] = /^packages\/([^/]+)\/README\.md$/.exec(document) ?? []
  if (name !== undefined) return `docs/zh/packages/${name}.md`
  // The other documents of the root have names in capitals, such as SECURITY.md.
  return document
    .replace(/^(docs\/)?/, 'docs/zh/')
    .replace(/[A-Z]+(?=\.md$)/, (name) => (name === 'README' ? name : name.toLowerCase()))
}
