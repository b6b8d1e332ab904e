export const hooks = {
  /** Removes the fields of a manifest that only development needs. */
  beforePacking({ devDependencies, scripts, ...manifest }) {
    return manifest
  },
}
