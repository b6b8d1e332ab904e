import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { pathToFileURL } from 'node:url'

/** Returns the names of the npm packages that contain the modules. Throws if two packages have the same name. */
export function packageNames(modules: readonly URL[]): string[] {
  const manifests = new Map(modules.map((file) => findManifest(findPackageJSON(file))))
  const names = [...manifests.values()].sort()
  const duplicate = names.find((name, index) => name === names[index + 1])
  if (duplicate) throw new Error(`the modules contain two copies of ${duplicate}`)
  return names
}

/** Returns the path and the name of the nearest manifest with a name. Nested ones may only declare the module type. */
function findManifest(file: string | undefined): [string, string] {
  if (file === undefined) throw new Error('a module belongs to no package')
  const { name } = JSON.parse(readFileSync(file, 'utf8'))
  return name === undefined ? findManifest(findPackageJSON('..', pathToFileURL(file))) : [file, name]
}

/** Returns the installed versions of npm packages by their names, sorted. */
export function installedVersions(packages: Iterable<string>): Record<string, string> {
  const names = [...new Set(packages)].sort()
  return Object.fromEntries(names.map((name) => [name, installedVersion(name)]))
}

function installedVersion(name: string): string {
  const file = findPackageJSON(name, import.meta.url)
  if (file === undefined) throw new Error(`${name} is not installed`)
  return JSON.parse(readFileSync(file, 'utf8')).version
}
