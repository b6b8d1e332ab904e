import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { formatRehearsal } from './format-rehearsal.ts'
import { rehearse } from './rehearse.ts'

/*
 * The command behind `npm run release:rehearse`. Its exit code is 1 if a check fails. --allow-missing-repository accepts
 * a root manifest without `repository`. --output keeps the tarballs, the SBOMs and the workspace for JSR in a folder.
 */

const { values } = parseArgs({
  options: { 'allow-missing-repository': { type: 'boolean', default: false }, output: { type: 'string' } },
})
const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'pds-rehearsal-'))
try {
  const rehearsal = await rehearse({
    folder,
    allowMissingRepository: values['allow-missing-repository'],
    output: values.output,
    onStep: (step) => process.stdout.write(`${step}…\n`),
  })
  process.stdout.write(formatRehearsal(rehearsal))
  if (rehearsal.checks.some(({ problems }) => problems.length > 0)) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
