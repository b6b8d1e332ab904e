/** The target of a bundle, which decides the conditions and the built-in modules that a bundler uses by default. */
export type Platform = 'page' | 'server'

/** The output of a bundler for an entry. */
export interface Bundle {
  /** One minified file: a classic script for a page, an ES module for a server. */
  readonly code: string
  /** The modules whose code is in the bundle, as the bundler reports them: files and helpers of the bundler. */
  readonly modules: readonly string[]
  /** The modules that the bundle imports at run time, as the bundler reports them. */
  readonly imports: readonly string[]
}

/**
 * Bundles a file for production with the defaults of the bundler. Throws if the bundler warns.
 *
 * The folder of the file is the root of the bundler, which writes all its files there.
 */
export type Bundler = (file: string, platform: Platform) => Promise<Bundle>

/** Throws if a bundler has warned, because users would see the warnings in each of their builds. */
export function failOnWarnings(bundler: string, warnings: readonly string[]): void {
  if (warnings.length > 0) throw new Error(`${bundler} warns:\n${warnings.join('\n')}`)
}
