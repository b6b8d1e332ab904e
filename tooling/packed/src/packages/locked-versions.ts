import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { repository } from './repository.ts'

/**
 * The versions of what the packages depend on, but for our own, as the lockfile has them. What is installed for a test is
 * held to them: sizes and budgets change with a commit of ours, and not with a release of somebody else.
 */
export function lockedVersions(): Record<string, string> {
  const read = (file: string) => JSON.parse(readFileSync(path.join(repository, file), 'utf8'))
  const versions = globSync('packages/*/package.json', { cwd: repository }).flatMap((file) => {
    const others = Object.keys(read(file).dependencies ?? {}).filter((name) => !name.startsWith('@pds/'))
    const installed = (name: string) => path.join(path.dirname(file), 'node_modules', name, 'package.json')
    return others.map((name): [string, string] => [name, read(installed(name)).version])
  })
  return Object.fromEntries(versions)
}
