import { readFileSync } from 'node:fs'
import path from 'node:path'
import { repository } from './documents.ts'

/** A block of code in a document. */
export interface CodeBlock {
  document: string
  /** The number of its first line of code, from 1. */
  line: number
  /** The text after the fence, or an empty string. */
  language: string
  code: string
  /** The file or region that a comment before the block names, such as `docs/examples/express/server.ts#routes`. */
  source?: string
}

/**
 * Returns the blocks of a document. A comment `<!-- path -->` before a block names the file or region that the block
 * copies.
 */
export function codeBlocks(document: string, text: string): CodeBlock[] {
  const lines = text.split('\n')
  const blocks: CodeBlock[] = []
  for (let at = 0; at < lines.length; at++) {
    const [, indent, fence, language] = /^( *)(```+)(.*)$/.exec(lines[at] ?? '') ?? []
    if (indent === undefined || fence === undefined || language === undefined) continue
    const end = lines.findIndex((line, index) => index > at && line.trim() === fence)
    if (end === -1) throw new Error(`${document}:${at + 1}: the block does not end`)
    const code = lines.slice(at + 1, end).map((line) => `${line.slice(indent.length)}\n`)
    const before = lines.slice(0, at).findLast((line) => line.trim() !== '')
    const source = /^ *<!-- (\S+) -->$/.exec(before ?? '')?.[1]
    blocks.push({
      document,
      line: at + 2,
      language: language.trim(),
      code: code.join(''),
      ...(source && { source }),
    })
    at = end
  }
  return blocks
}

/** Returns the text of a document without its blocks of code. */
export function proseOf(text: string): string {
  return text.replaceAll(/^( *)(```+).*\n[\s\S]*?^\1\2$/gm, '')
}

const marker = /^ *(?:\/\/|<!--) #(end)?region .*\n/gm

/** Returns the text of a file, or of a region between `// #region name` and `// #endregion name`. */
export function sourceOfBlock(source: string): string {
  const [file = '', region] = source.split('#')
  const text = readFileSync(path.join(repository, file), 'utf8')
  if (region === undefined) return text.replaceAll(marker, '')
  const begin = text.search(new RegExp(`^.*#region ${region}( -->)?$`, 'm'))
  const end = text.search(new RegExp(`^.*#endregion ${region}( -->)?$`, 'm'))
  if (begin === -1 || end === -1) throw new Error(`${file} has no region ${region}`)
  const lines = text.slice(text.indexOf('\n', begin) + 1, end).replaceAll(marker, '')
  return `${lines.trimEnd()}\n`
}
