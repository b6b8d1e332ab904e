/** A block of code in a document. */
export interface CodeBlock {
  document: string
  /** Of its first line of code, from 1. */
  line: number
  /** What stands after the fence; empty where nothing does. */
  language: string
  code: string
  /** The file that a comment before the block names, such as `docs/examples/express/server.ts#routes`. */
  source?: string
}

/** The blocks of a document. A comment `<!-- path -->` before one says which file or region it is a copy of. */
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

/** The text of a document without its blocks of code. */
export function proseOf(text: string): string {
  return text.replaceAll(/^( *)(```+).*\n[\s\S]*?^\1\2$/gm, '')
}
