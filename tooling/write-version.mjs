// Writes the version of @pds/core into its source, after `changeset version` has written it into the manifest.
import { readFileSync, writeFileSync } from 'node:fs'

const core = new URL('../packages/core/', import.meta.url)
const { version } = JSON.parse(readFileSync(new URL('package.json', core), 'utf8'))
const file = new URL('src/transport/user-agent.ts', core)
const source = readFileSync(file, 'utf8')
writeFileSync(
  file,
  source.replace(/(?<=version = ')[^']*/, () => version),
)
