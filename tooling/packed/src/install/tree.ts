import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

export interface TreeEntry {
  readonly name: string
  readonly version: string
  /** Its folder; none where it is an archive. */
  readonly folder?: string
}

/** The packages in the `node_modules` of a folder, at any depth, each copy once: links are not followed. */
export function readInstalledTree(folder: string): TreeEntry[] {
  return filesIn(path.join(folder, 'node_modules'))
    .filter((file) => /[/\\]node_modules[/\\](@[^/\\]+[/\\])?[^/\\@.][^/\\]*[/\\]package\.json$/.test(file))
    .map((file) => {
      const { name, version } = JSON.parse(readFileSync(file, 'utf8'))
      return { name, version, folder: path.dirname(file) }
    })
}

/** What of an installed package would run code of its own when it is installed. */
export function installScripts(folder: string): string[] {
  const { scripts = {} } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const named = ['preinstall', 'install', 'postinstall'].filter((name) => name in scripts)
  // npm runs node-gyp for a package with this file, without any script.
  return existsSync(path.join(folder, 'binding.gyp')) ? [...named, 'binding.gyp'] : named
}

export interface Size {
  readonly files: number
  readonly bytes: number
}

/** The files of a package and their bytes, without packages that are nested in it. */
export function sizeOf(folder: string): Size {
  const nested = path.join(folder, 'node_modules', path.sep)
  const sizes = filesIn(folder)
    .filter((file) => !file.startsWith(nested))
    .map((file) => statSync(file).size)
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}

// Not by `recursive`, which goes through links, too: pnpm makes its tree of them.
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(folder, entry.name)
    if (entry.isDirectory()) return filesIn(at)
    return entry.isFile() ? [at] : []
  })
}
