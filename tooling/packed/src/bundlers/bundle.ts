/** What a bundle is for: it decides which conditions and built-in modules a bundler takes by default. */
export type Platform = 'page' | 'server'

/** What a bundler made of an entry. */
export interface Bundle {
  /** One minified file; a classic script for a page, an ES module for a server. */
  readonly code: string
  /** The files of which something is in it, as the bundler says, and what else it put in. */
  readonly modules: readonly string[]
  /** What is imported when it runs, as the bundler says. */
  readonly imports: readonly string[]
}

/**
 * Bundles a file for production, with the defaults of the bundler, and throws where it has a warning.
 *
 * The file's folder is the bundler's root: whatever it writes is written there.
 */
export type Bundler = (file: string, platform: Platform) => Promise<Bundle>

/** Throws where a bundler has warned: what it warns of, users would read at each build. */
export function refuseWarnings(bundler: string, warnings: readonly string[]): void {
  if (warnings.length > 0) throw new Error(`${bundler} warns:\n${warnings.join('\n')}`)
}
