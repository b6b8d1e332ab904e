import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import type { Runtime } from './runtime.ts'

/**
 * Starts workerd, the runtime of Cloudflare Workers, with a bundle of the scenarios. Each scenario runs in a request.
 */
export async function workerdRuntime(
  folder: string,
  scenarios: readonly string[],
  compatibilityFlags: string[],
  compatibilityDate = '2026-07-30',
): Promise<Runtime> {
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    cf: false,
    // With an explicit list, Miniflare does not look for more modules: the worker imports clients of Redis on demand
    // only.
    modules: [
      { type: 'ESModule', path: 'worker.mjs', contents: await bundleWorker(workerOf(scenarios), folder) },
    ],
    compatibilityDate,
    compatibilityFlags,
  })
  return {
    version: versionOf('workerd/package.json'),
    async run(scenario, environment) {
      const body = JSON.stringify({ scenario, environment })
      const response = await miniflare.dispatchFetch('http://worker.test/', { method: 'POST', body })
      const { result, error } = (await response.json()) as { result?: unknown; error?: string }
      if (error !== undefined) throw new Error(error)
      return result
    },
    close: () => miniflare.dispose(),
  }
}

/** Returns the bundle of a worker that can import the modules of a folder. */
export async function bundleWorker(contents: string, folder: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    // The conditions of wrangler, and the modules of the runtime.
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*'],
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

function workerOf(scenarios: readonly string[]): string {
  const imports = scenarios.map((name, index) => `import { run as run${index} } from './${name}.mjs'`)
  const entries = scenarios.map((name, index) => `'${name}': run${index}`)
  return `${imports.join('\n')}
    const scenarios = { ${entries.join(', ')} }
    export default {
      async fetch(request) {
        const { scenario, environment } = await request.json()
        try {
          return Response.json({ result: await scenarios[scenario](environment) })
        } catch (error) {
          return Response.json({ error: error.stack })
        }
      }
    }`
}

function versionOf(manifest: string): string {
  const ofMiniflare = createRequire(createRequire(import.meta.url).resolve('miniflare'))
  return JSON.parse(readFileSync(ofMiniflare.resolve(manifest), 'utf8')).version
}
