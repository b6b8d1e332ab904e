// Writes the colours, the shared rules and the logo into the published packages that have pages. Run it after a change
// of tokens.css, base.css or logo.svg.
import { writeFileSync } from 'node:fs'
import { writtenFiles } from './src/written-files.ts'

const repository = new URL('../../', import.meta.url)
for (const [file, content] of writtenFiles()) writeFileSync(new URL(file, repository), content)
