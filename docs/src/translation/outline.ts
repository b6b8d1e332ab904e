/** The structure of a section of a document, which is the same in each language. */
export interface Section {
  level: number
  heading: string
  /** The blocks in order: paragraphs, lists with the number of their items, code, tables and HTML comments. */
  blocks: string[]
  code: Code[]
  /** The rows of the tables. */
  tables: Cell[][][]
  /** The targets of the links in the text, sorted. */
  links: string[]
  /** The code in backticks in the text, sorted. */
  inlineCode: string[]
  /** The text without code, link targets and HTML comments. */
  prose: string
}

interface Code {
  language: string
  /** The code without comments and trailing spaces. */
  code: string
  comments: string[]
}

interface Cell {
  links: string[]
  inlineCode: string[]
}

/** Returns the sections of a Markdown document, without the text before the first heading. */
export function outlineOf(markdown: string): Section[] {
  const sections: Section[] = []
  // A program writes the blocks between markers, in the words of the language: only the tables are compared.
  let isGenerated = false
  let isCopied = false
  for (const block of blocksOf(markdown)) {
    const [, marks = '', heading = ''] = /^(#+) (.*)$/.exec(block) ?? []
    if (heading !== '') {
      sections.push({
        level: marks.length,
        heading,
        blocks: [],
        code: [],
        tables: [],
        links: [],
        inlineCode: [],
        prose: heading,
      })
      continue
    }
    const section = sections.at(-1)
    if (!section) continue
    if (block.startsWith('<!--')) {
      const [, marker] = /^<!-- ([\w-]+:(?:begin|end)) -->$/.exec(block) ?? []
      // Other comments are for editors of the document: a path names the file that the next block copies.
      isCopied = /^<!-- \S+ -->$/.test(block)
      if (marker === undefined) continue
      isCopied = false
      isGenerated = marker.endsWith(':begin')
      section.blocks.push(marker)
    } else if (block.startsWith('|')) {
      const rows = block.split('\n').map((row) => row.split('|').slice(1, -1).map(cellOf))
      section.blocks.push('table')
      section.tables.push(rows)
      if (!isGenerated) section.prose += `\n${proseOf(block)}`
    } else if (!isGenerated) {
      addBlock(section, block, isCopied)
      isCopied = false
    }
  }
  return sections
}

/** Adds a block to its section. Copied code has the comments of its file, in English. */
function addBlock(section: Section, block: string, isCopied: boolean): void {
  const [, language, code] = /^ *```(\w*)\n([\s\S]*)^ *```$/m.exec(block) ?? []
  if (language !== undefined && code !== undefined) {
    const { comments, rest } = splitComments(language, code)
    section.blocks.push('code')
    section.code.push({ language, code: rest, comments })
    if (!isCopied) section.prose += `\n${comments.join('\n').replaceAll(/'[^']*'/g, '`')}`
    return
  }
  const items = block.match(/^ *([-*]|\d+\.) /gm)?.length ?? 0
  section.blocks.push(items > 0 ? `list of ${items}` : 'paragraph')
  const { links, inlineCode } = cellOf(block)
  section.links = [...section.links, ...links].sort()
  section.inlineCode = [...section.inlineCode, ...inlineCode].sort()
  section.prose += `\n${proseOf(block)}`
}

/** Returns the blocks of a document. Empty lines separate them; code, HTML comments and headings are blocks, too. */
function blocksOf(markdown: string): string[] {
  const pattern = /^( *)```[\s\S]*?^\1```$|^<!--[\s\S]*?-->$|^#+ .*$|(?:^(?! *```|<!--|#+ ).+\n?)+/gm
  return [...markdown.replaceAll('\r\n', '\n').matchAll(pattern)].map(([block]) => block.trimEnd())
}

function cellOf(text: string): Cell {
  return {
    links: [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target).sort(),
    inlineCode: [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code).sort(),
  }
}

/** Returns the text of a block. A backtick replaces code, so that the test sees the characters beside the code. */
function proseOf(block: string): string {
  return block.replaceAll(/`[^`]+`/g, '`').replaceAll(/\[([^\]]*)\]\([^)\s]+\)/g, '$1')
}

// Match whole strings, too, because an address in a string has two slashes.
const script = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(\/\/.*|\/\*[\s\S]*?\*\/)/g
const shell = /'[^'\n]*'|"[^"\n]*"|(?<=^|\s)(#[^\n]*)/gm
const none = /(?!)/g
const patterns: Record<string, RegExp> = {
  ts: script,
  js: script,
  tsx: script,
  vue: none,
  svelte: none,
  html: none,
  json: none,
  text: none,
  txt: none,
  python: shell,
  sh: shell,
  yaml: shell,
}

/** Separates code from its comments. */
function splitComments(language: string, code: string): { comments: string[]; rest: string } {
  const pattern = patterns[language]
  if (!pattern) throw new Error(`no pattern for the comments in code of "${language}": add it to "patterns"`)
  const comments: string[] = []
  const rest = code.replaceAll(pattern, (shown: string, comment?: string) => {
    if (comment === undefined) return shown
    comments.push(comment)
    return ''
  })
  return { comments, rest: rest.replaceAll(/[ \t]+$/gm, '') }
}
