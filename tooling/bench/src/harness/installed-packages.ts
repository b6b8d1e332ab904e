import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { pathToFileURL } from 'node:url'

/** The names of the npm packages that some modules are of. Throws where two of the packages have the same name. */
export function packagesOf(modules: readonly URL[]): string[] {
  const manifests = new Map(modules.map((file) => manifestOf(findPackageJSON(file))))
  const names = [...manifests.values()].sort()
  const twice = names.find((name, index) => name === names[index + 1])
  if (twice) throw new Error(`${twice} is there twice`)
  return names
}

/** The file that names the package, and the name: a nearer one may say no more than how its folder is to be read. */
function manifestOf(file: string | undefined): [string, string] {
  if (file === undefined) throw new Error('there is a module without a package')
  const { name } = JSON.parse(readFileSync(file, 'utf8'))
  return name === undefined ? manifestOf(findPackageJSON('..', pathToFileURL(file))) : [file, name]
}
