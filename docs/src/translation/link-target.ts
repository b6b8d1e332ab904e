import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { readDocument, repository } from '../documents/documents.ts'
import { anchors } from '../documents/sections.ts'
import { pairs } from './pairs.ts'

const chineseOf = new Map(pairs.map(({ english, chinese }) => [english, chinese]))

/** Returns the file and the anchor that a link of a document leads to. Other addresses are returned as they are. */
export function linkTarget(document: string, link: string): string {
  if (/^[a-z]+:/.test(link)) return link
  const [file = '', anchor] = link.split('#')
  const target = file === '' ? document : path.posix.join(path.posix.dirname(document), file)
  const absolute = path.join(repository, target)
  const isFolder =
    existsSync(absolute) && statSync(absolute).isDirectory() && existsSync(path.join(absolute, 'README.md'))
  const found = isFolder ? path.posix.join(target, 'README.md') : target
  return anchor === undefined ? found : `${found}#${decodeURIComponent(anchor)}`
}

/** Returns the target in Chinese of a target in English: the translation, and its heading in the same place. */
export function chineseTarget(target: string): string {
  const [file = '', anchor] = target.split('#')
  const translation = chineseOf.get(file) ?? chartOf(file)
  if (translation === undefined) return target
  if (anchor === undefined) return translation
  const index = anchors(readDocument(file)).indexOf(anchor)
  return `${translation}#${anchors(readDocument(translation))[index]}`
}

/** Charts contain text. */
function chartOf(file: string): string | undefined {
  return file.startsWith('docs/charts/') ? file.replace('docs/charts/', 'docs/zh/charts/') : undefined
}
