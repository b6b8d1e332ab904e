import { build } from 'esbuild'

/**
 * Bundles a module for a page, as a classic script that puts what the module exports into a global variable.
 *
 * `resolveDir` is the folder of whoever imports the packages that it names.
 */
export async function bundleForPage(
  contents: string,
  resolveDir: string,
  globalName: string,
): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir, loader: 'ts' },
    bundle: true,
    format: 'iife',
    globalName,
    platform: 'browser',
    target: 'es2022',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}
