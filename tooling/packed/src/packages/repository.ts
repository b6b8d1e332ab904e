import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The root folder of the repository. */
export const repository: string = path.resolve(import.meta.dirname, '../../../..')

/** The folder in which the compilers, package managers and runtimes of these tests are installed. */
export const tools: string = path.join(repository, 'tooling/packed/node_modules')

/**
 * Returns the locked versions of the packages' third-party dependencies. Tests install these versions, so that sizes and
 * budgets change only with a commit of ours.
 */
export function lockedVersions(): Record<string, string> {
  const read = (file: string) => JSON.parse(readFileSync(path.join(repository, file), 'utf8'))
  const versions = globSync('packages/*/package.json', { cwd: repository }).flatMap((file) => {
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = read(file)
    // Package managers install peers that are not optional.
    const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional)
    const others = [...Object.keys(dependencies), ...peers].filter((name) => !name.startsWith('@pds/'))
    const installed = (name: string) => path.join(path.dirname(file), 'node_modules', name, 'package.json')
    return others.map((name): [string, string] => [name, read(installed(name)).version])
  })
  return Object.fromEntries(versions)
}
