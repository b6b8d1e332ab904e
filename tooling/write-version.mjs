// Writes the version of @pds/core into its source, after changesets have written it into its manifest.
import { readFileSync, writeFileSync } from 'node:fs'

const core = new URL('../packages/core/', import.meta.url)
const { version } = JSON.parse(readFileSync(new URL('package.json', core), 'utf8'))
const file = new URL('src/transport/user-agent.ts', core)
const source = readFileSync(file, 'utf8')
writeFileSync(
  file,
  source.replace(/(?<=version = ')[^']*/, () => version),
)
