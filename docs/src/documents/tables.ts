import { readFileSync } from 'node:fs'
import path from 'node:path'
import { repository } from './documents.ts'

/** The README of a package. */
export function readReadme(name: string): string {
  return readFileSync(path.join(repository, 'packages', name, 'README.md'), 'utf8')
}

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

/** What stands in backticks in a cell. */
export function namesInCell(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string)
}

/** What stands in backticks in a column of the table with this head, of those after a heading. */
export function namesInTable(markdown: string, heading: string, head: string, column = 0): string[] {
  const start = markdown.indexOf(heading)
  if (start === -1) throw new Error(`the README has no heading "${heading}"`)
  return tableRows(markdown.slice(start), head).flatMap((row) => namesInCell(row[column]))
}
