import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { EdgeRuntime } from 'edge-runtime'
import { build } from 'esbuild'
import type { Runtime } from './runtime.ts'

/** Starts the edge runtime of Vercel with a bundle of the scenarios. All runs share its memory. */
export async function edgeRuntime(folder: string, scenarios: readonly string[]): Promise<Runtime> {
  const exports = scenarios.map((name) => `export { run as '${name}' } from './${name}.mjs'`)
  const { outputFiles } = await build({
    stdin: { contents: exports.join('\n'), resolveDir: folder },
    bundle: true,
    format: 'iife',
    globalName: 'scenarios',
    target: 'es2022',
    // The conditions of Vercel's builder, in @vercel/node 24.0.0.
    conditions: ['edge-light', 'browser', 'module'],
    write: false,
  })
  const runtime = new EdgeRuntime({ initialCode: `${outputFiles[0]?.text};globalThis.scenarios = scenarios` })
  const manifest = createRequire(import.meta.url).resolve('edge-runtime/package.json')
  return {
    version: JSON.parse(readFileSync(manifest, 'utf8')).version,
    async run(scenario, environment) {
      const call = `scenarios[${JSON.stringify(scenario)}](${JSON.stringify(environment)})`
      return JSON.parse(
        await runtime.evaluate<Promise<string>>(`(async () => JSON.stringify(await ${call}))()`),
      )
    },
    async close() {},
  }
}
