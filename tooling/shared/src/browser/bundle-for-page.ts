import { build } from 'esbuild'

/**
 * Bundles a module for a page. Returns a classic script that assigns the exports of the module to a global variable.
 *
 * `resolveDir` is the folder from which the imports of the module are resolved.
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
