import { readFileSync } from 'node:fs'
import path from 'node:path'
import { repository } from './documents.ts'

/** Returns the README of a package. */
export function readReadme(name: string): string {
  return readFileSync(path.join(repository, 'packages', name, 'README.md'), 'utf8')
}

/** Returns the rows of the first table whose first column has this head, as the texts of their cells. */
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

/** Returns the names in backticks in a cell. */
export function namesInCell(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string)
}

/** Returns the names in backticks in a column of the first table with this head after a heading. */
export function namesInTable(markdown: string, heading: string, head: string, column = 0): string[] {
  const start = markdown.indexOf(heading)
  if (start === -1) throw new Error(`the README has no heading "${heading}"`)
  return tableRows(markdown.slice(start), head).flatMap((row) => namesInCell(row[column]))
}
