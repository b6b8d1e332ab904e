/** What was packed for a run of the tests: see `pack-packages.ts`. */
export interface PackedPackages {
  /** The file of each package's tarball, by the package's name. */
  readonly tarballs: Readonly<Record<string, string>>
  /** A folder in which all of them are installed, with what they depend on: it holds a `node_modules`. */
  readonly installed: string
}

declare module 'vitest' {
  interface ProvidedContext {
    packed: PackedPackages
  }
}
