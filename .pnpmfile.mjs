import { readFileSync } from 'node:fs'

// npm accepts the provenance of a package only if its `repository` is the repository that the workflow runs in.
const { repository } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))

export const hooks = {
  /** Removes the fields of a manifest that only development needs. Adds the `repository` of the root manifest. */
  beforePacking({ devDependencies, scripts, ...manifest }) {
    if (!repository) return manifest
    const directory = `packages/${manifest.name.replace('@pds/', '')}`
    return { ...manifest, repository: { ...repository, directory } }
  },
}
