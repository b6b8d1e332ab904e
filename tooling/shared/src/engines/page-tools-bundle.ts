import { build } from 'esbuild'
import { watchPage } from './watch-page.ts'

/** Scripts of page-tools.ts and watch-page.ts. */
export interface PageTools {
  /** Defines the global `pageTools`. */
  readonly bundle: string
  /** The source of `watchPage`. */
  readonly watchPage: string
}

let bundling: Promise<PageTools> | undefined

/** Bundles the tools, once in each worker. */
export function loadPageTools(): Promise<PageTools> {
  bundling ??= bundle()
  return bundling
}

async function bundle(): Promise<PageTools> {
  const { outputFiles } = await build({
    entryPoints: [`${import.meta.dirname}/page-tools.ts`],
    bundle: true,
    format: 'iife',
    globalName: 'pageTools',
    platform: 'browser',
    target: 'es2022',
    // fake-timers asks for these modules only where they are.
    external: ['util', 'timers', 'timers/promises'],
    minify: true,
    write: false,
  })
  // The first document of a window has the same global object as the blank document before it. The condition also
  // disarms the "use strict" of the bundle, which would hold for the scripts after it.
  const tools = `if (!globalThis.pageTools) { ${outputFiles[0]?.text} }`
  return { bundle: tools, watchPage: String(watchPage) }
}
