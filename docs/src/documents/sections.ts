import GithubSlugger from 'github-slugger'
import { proseOf } from './code-blocks.ts'

/** Returns the anchors that GitHub creates for the headings of a document. */
export function anchors(text: string): string[] {
  const slugger = new GithubSlugger()
  return [...proseOf(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    slugger.slug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')),
  )
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
