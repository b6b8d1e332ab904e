import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { packagesOf } from '../../harness/installed-packages.ts'

/** The names that a page imports, by package. */
export type ImportedNames = Readonly<Record<string, readonly string[]>>

/** What a page has to load. */
export interface PageBundle {
  /** Minified and gzipped. */
  bytes: number
  /** The npm packages of which something is in it. */
  packages: readonly string[]
}

/** Bundles these names for a page of today. Throws where a package would be in it twice. */
export async function bundleForPage(names: ImportedNames): Promise<PageBundle> {
  const root = import.meta.dirname
  const { outputFiles, metafile } = await build({
    stdin: { contents: entryOf(names), resolveDir: root, sourcefile: 'page.js' },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    platform: 'browser',
    conditions: ['browser'],
    format: 'esm',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  const [output] = Object.values(metafile.outputs)
  const [script] = outputFiles
  if (!output || !script) throw new Error('esbuild made no file')
  const modules = Object.keys(output.inputs)
    .filter((name) => name !== 'page.js')
    .map((name) => pathToFileURL(path.resolve(root, name)))
  return { bytes: gzipSync(script.contents, { level: 9 }).length, packages: packagesOf(modules) }
}

/** A module that keeps each of the names from being dropped. */
function entryOf(names: ImportedNames): string {
  return Object.entries(names)
    .map(([from, list]) => `export { ${list.join(', ')} } from '${from}'\n`)
    .join('')
}
