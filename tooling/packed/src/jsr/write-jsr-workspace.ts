import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { extractTarball } from '../packages/tarball.ts'
import { leftOut } from './left-out.ts'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly imports?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

// `@pds/backend` imports only types of it, which are in another package.
const typesOnly: Readonly<Record<string, string>> = { express: '@types/express' }

/**
 * Writes the workspace that `deno publish` publishes to JSR: the sources in the tarballs, and for each package a
 * `jsr.json` that is made from its manifest. Returns the names of the packages.
 */
export function writeJsrWorkspace(tarballs: Readonly<Record<string, string>>, folder: string): string[] {
  const names = Object.keys(tarballs).filter((name) => leftOut[name] === undefined)
  for (const name of names) writeMember(tarballs[name] ?? '', path.join(folder, memberOf(name)))
  writeJson(path.join(folder, 'deno.json'), {
    workspace: names.map((name) => `./${memberOf(name)}`),
    // For functions of pages. JSR does not store this setting. It is not needed there: Deno does not check the types of
    // the modules that a program imports.
    compilerOptions: { lib: ['deno.ns', 'esnext', 'dom', 'dom.iterable', 'dom.asynciterable'] },
  })
  return names
}

function writeMember(tarball: string, folder: string): void {
  extractTarball(tarball, folder)
  const manifest: Manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  for (const built of ['dist', 'package.json']) rmSync(path.join(folder, built), { recursive: true })
  const { name, version, license, exports, imports = {}, dependencies, peerDependencies } = manifest
  const modules = Object.entries(exports).filter(([subpath]) => subpath !== './package.json')
  const packages = Object.entries({ ...peerDependencies, ...dependencies })
  writeJson(path.join(folder, 'jsr.json'), {
    name,
    version,
    license,
    exports: Object.fromEntries(modules.map(([subpath, target]) => [subpath, sourceOf(target)])),
    imports: Object.fromEntries([
      ...packages.map(([dependency, range]) => [dependency, specifierOf(dependency, range)]),
      ...Object.entries(imports).map(([specifier, target]) => [specifier, sourceOf(target)]),
    ]),
  })
}

// JSR has no export conditions, so its packages have only the modules for servers.
function sourceOf(target: string | Readonly<Record<string, string>>): string {
  const built = typeof target === 'string' ? target : (target.default ?? '')
  return built.replace('./dist/', './src/').replace(/\.js$/, '.ts')
}

function specifierOf(name: string, range: string): string {
  return name.startsWith('@pds/') ? `jsr:${name}@${range}` : `npm:${typesOnly[name] ?? name}@${range}`
}

function memberOf(name: string): string {
  return name.replace('@pds/', '')
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
}
