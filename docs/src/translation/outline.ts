/** What a section of a document consists of that does not depend on the language that it is written in. */
export interface Section {
  level: number
  heading: string
  /** Its blocks in their order: paragraphs, lists with the number of their items, code, tables and HTML comments. */
  blocks: string[]
  code: Code[]
  /** The rows of its tables. */
  tables: Cell[][][]
  /** The targets of the links in its text, sorted. */
  links: string[]
  /** What stands in backticks in its text, sorted. */
  inlineCode: string[]
  /** Its text, without code, link targets and HTML comments. */
  prose: string
}

interface Code {
  language: string
  /** Without its comments and what stands around them. */
  code: string
  comments: string[]
}

interface Cell {
  links: string[]
  inlineCode: string[]
}

/** The sections of a document in Markdown; what stands before its first heading is not looked at. */
export function readmeOutline(markdown: string): Section[] {
  const sections: Section[] = []
  // What stands between markers is written by a program, in the words of the language: its tables count, alone.
  let isGenerated = false
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
      // Others are for who edits the document.
      if (marker === undefined) continue
      isGenerated = marker.endsWith(':begin')
      section.blocks.push(marker)
    } else if (block.startsWith('|')) {
      const rows = block.split('\n').map((row) => row.split('|').slice(1, -1).map(cellOf))
      section.blocks.push('table')
      section.tables.push(rows)
      if (!isGenerated) section.prose += `\n${proseOf(block)}`
    } else if (!isGenerated) {
      addBlock(section, block)
    }
  }
  return sections
}

function addBlock(section: Section, block: string): void {
  const [, language, code] = /^```(\w*)\n([\s\S]*)^```$/m.exec(block) ?? []
  if (language !== undefined && code !== undefined) {
    const { comments, rest } = splitComments(language, code)
    section.blocks.push('code')
    section.code.push({ language, code: rest, comments })
    section.prose += `\n${comments.join('\n').replaceAll(/'[^']*'/g, '`')}`
    return
  }
  const items = block.match(/^ *([-*]|\d+\.) /gm)?.length ?? 0
  section.blocks.push(items > 0 ? `list of ${items}` : 'paragraph')
  const { links, inlineCode } = cellOf(block)
  section.links = [...section.links, ...links].sort()
  section.inlineCode = [...section.inlineCode, ...inlineCode].sort()
  section.prose += `\n${proseOf(block)}`
}

/** The blocks of a document: what empty lines part, but for code, and each HTML comment and heading by itself. */
function blocksOf(markdown: string): string[] {
  const pattern = /^```[\s\S]*?^```$|^<!--[\s\S]*?-->$|^#+ .*$|(?:^(?!```|<!--|#+ ).+\n?)+/gm
  return [...markdown.replaceAll('\r\n', '\n').matchAll(pattern)].map(([block]) => block.trimEnd())
}

function cellOf(text: string): Cell {
  return {
    links: [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target).sort(),
    inlineCode: [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code).sort(),
  }
}

/** Code stands as a backtick, so that it is seen what it touches. */
function proseOf(block: string): string {
  return block.replaceAll(/`[^`]+`/g, '`').replaceAll(/\[([^\]]*)\]\([^)\s]+\)/g, '$1')
}

const patterns: Record<string, RegExp> = {
  // A string is read as a whole: an address in it has two slashes, too.
  ts: /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(\/\/.*|\/\*[\s\S]*?\*\/)/g,
  text: /(?!)/g,
  sh: /'[^'\n]*'|"[^"\n]*"|(?<=^|\s)(#[^\n]*)/gm,
}

/** Parts code from its comments. */
function splitComments(language: string, code: string): { comments: string[]; rest: string } {
  const pattern = patterns[language]
  if (!pattern) throw new Error(`nothing is known of the comments in code of "${language}"`)
  const comments: string[] = []
  const rest = code.replaceAll(pattern, (shown: string, comment?: string) => {
    if (comment === undefined) return shown
    comments.push(comment)
    return ''
  })
  return { comments, rest: rest.replaceAll(/[ \t]+$/gm, '') }
}
