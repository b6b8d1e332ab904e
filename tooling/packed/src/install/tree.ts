import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

export interface TreeEntry {
  readonly name: string
  readonly version: string
  /** The folder of the package, or undefined if the package is an archive. */
  readonly folder?: string
}

/** Returns the packages in the `node_modules` of a folder at any depth, each copy once: links are not followed. */
export function readInstalledTree(folder: string): TreeEntry[] {
  return filesIn(path.join(folder, 'node_modules'))
    .filter((file) => /[/\\]node_modules[/\\](@[^/\\]+[/\\])?[^/\\@.][^/\\]*[/\\]package\.json$/.test(file))
    .map((file) => {
      const { name, version } = JSON.parse(readFileSync(file, 'utf8'))
      return { name, version, folder: path.dirname(file) }
    })
}

/** Returns the scripts and files of a package that make an installer run code of the package. */
export function installScripts(folder: string): string[] {
  const { scripts = {} } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const named = ['preinstall', 'install', 'postinstall'].filter((name) => name in scripts)
  // npm runs node-gyp for a package with this file, even without a script.
  return existsSync(path.join(folder, 'binding.gyp')) ? [...named, 'binding.gyp'] : named
}

export interface Size {
  readonly files: number
  readonly bytes: number
}

/** Returns the number and total size of a package's files, without nested packages. */
export function sizeOf(folder: string): Size {
  const nested = path.join(folder, 'node_modules', path.sep)
  const sizes = filesIn(folder)
    .filter((file) => !file.startsWith(nested))
    .map((file) => statSync(file).size)
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}

// The option `recursive` would follow links, and pnpm links the packages of its tree.
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(folder, entry.name)
    if (entry.isDirectory()) return filesIn(at)
    return entry.isFile() ? [at] : []
  })
}
