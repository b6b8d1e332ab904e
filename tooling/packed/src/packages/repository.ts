import { globSync, readFileSync, realpathSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/** The root folder of the repository. */
export const repository: string = path.resolve(import.meta.dirname, '../../../..')

/** The folder in which the compilers, package managers and runtimes of these tests are installed. */
export const tools: string = path.join(repository, 'tooling/packed/node_modules')

/**
 * Returns the locked versions of the packages' third-party dependencies, direct and indirect. Tests install these
 * versions, so that sizes and budgets change only with a commit of ours.
 */
export function lockedVersions(): Record<string, string> {
  const versions: Record<string, string> = {}
  const add = (file: string) => {
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {} } = read(file)
    // Package managers install peers that are not optional.
    const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta[name]?.optional)
    for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) {
      if (name.startsWith('@pds/') || versions[name] !== undefined) continue
      const found = findManifest(name, file)
      if (found === undefined) continue
      versions[name] = read(found).version
      add(found)
    }
  }
  for (const file of globSync('packages/*/package.json', { cwd: repository }))
    add(path.join(repository, file))
  return versions
}

/** Returns the manifest of a dependency, or undefined if it is an optional dependency of another platform. */
function findManifest(name: string, dependant: string): string | undefined {
  try {
    return findPackageJSON(name, pathToFileURL(realpathSync(dependant)))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

function read(file: string) {
  return JSON.parse(readFileSync(file, 'utf8'))
}
