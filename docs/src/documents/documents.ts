import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The root folder of the repository. */
export const repository: string = path.resolve(import.meta.dirname, '../../..')

const patterns = ['*.md', 'docs/**/*.md', 'packages/*/*.md']
const excluded = /(^|[\\/])(node_modules|dist|api)([\\/]|$)/

/** The documents that people write, as paths from the root of the repository. Built documents are left out. */
export const documents: readonly string[] = globSync(patterns, {
  cwd: repository,
  exclude: excluded.test.bind(excluded),
})
  .map((file) => file.replaceAll(path.sep, '/'))
  .sort()

/** Returns the text of a document. */
export function readDocument(document: string): string {
  return readFileSync(path.join(repository, document), 'utf8')
}
