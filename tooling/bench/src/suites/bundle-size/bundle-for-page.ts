import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { packageNames } from '../../harness/installed-packages.ts'

/** The names that a page imports, by their packages. */
export type ImportedNames = Readonly<Record<string, readonly string[]>>

/** The bundle of a page. */
export interface PageBundle {
  /** The size, minified and gzipped. */
  bytes: number
  /** The npm packages that the bundle contains code of. */
  packages: readonly string[]
}

/** Bundles these names for a current browser. Throws if the bundle would contain two copies of a package. */
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
  if (!output || !script) throw new Error('esbuild returned no output')
  const modules = Object.keys(output.inputs)
    .filter((name) => name !== 'page.js')
    .map((name) => pathToFileURL(path.resolve(root, name)))
  return { bytes: gzipSync(script.contents, { level: 9 }).length, packages: packageNames(modules) }
}

/** Returns a module that exports the names, so that tree shaking keeps them. */
function entryOf(names: ImportedNames): string {
  return Object.entries(names)
    .map(([from, list]) => `export { ${list.join(', ')} } from '${from}'\n`)
    .join('')
}
