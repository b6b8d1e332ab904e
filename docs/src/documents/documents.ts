import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The root folder of the repository. */
export const repository: string = path.resolve(import.meta.dirname, '../../..')

const patterns = ['*.md', 'docs/**/*.md', 'packages/*/*.md']
const isForeign = /(^|[\\/])(node_modules|dist|api)([\\/]|$)/

/** The documents of the repository, as paths from its root: those that people write, not those that are built. */
export const documents: readonly string[] = globSync(patterns, {
  cwd: repository,
  exclude: isForeign.test.bind(isForeign),
})
  .map((file) => file.replaceAll(path.sep, '/'))
  .sort()

/** The text of a document. */
export function readDocument(document: string): string {
  return readFileSync(path.join(repository, document), 'utf8')
}
