import { proseOf } from './code-blocks.ts'

/** Returns the anchors that GitHub creates for the headings of a document. */
export function anchors(text: string): string[] {
  const seen = new Map<string, number>()
  return [...proseOf(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-')
    const before = seen.get(anchor) ?? 0
    seen.set(anchor, before + 1)
    return before === 0 ? anchor : `${anchor}-${before}`
  })
}

/** Returns the sections of a text by their headings. `level` selects the headings, such as `## `. */
export function sectionsOf(text: string, level: string): Map<string, string> {
  const [, ...sections] = `\n${text}`.split(`\n${level}`)
  return new Map(
    sections.map((section) => {
      const end = section.indexOf('\n')
      return [section.slice(0, end), section.slice(end + 1)]
    }),
  )
}
