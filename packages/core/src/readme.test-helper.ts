import { readFileSync } from 'node:fs'

/** The documentation of this package. */
export const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The rows of the first table whose head begins with a text, as the text of their cells. */
export function tableRows(markdown: string, head: string): string[][] {
  const lines = markdown.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`))
  if (start === -1) throw new Error(`the README has no table of "${head}"`)
  const rows = lines.slice(start + 2)
  const end = rows.findIndex((line) => !line.startsWith('|'))
  return rows.slice(0, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}
