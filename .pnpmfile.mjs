export const hooks = {
  /** What users get of a manifest: nothing that is for the work on the package alone. */
  beforePacking({ devDependencies, scripts, ...manifest }) {
    return manifest
  },
}
