import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parse } from 'yaml'
import { repository } from './repository.ts'

const workflow = parse(readFileSync(path.join(repository, '.github/workflows/release.yml'), 'utf8'))
const script: string = workflow.jobs['attach-sboms'].steps.at(-1).run

// A stand-in for the command of GitHub. The releases of two packages exist, one with its SBOM.
const gh = `#!/bin/sh
echo "$*" >> calls.txt
case "$2 $3" in
  'view @pds/core@0.1.0') echo ;;
  'view @pds/types@0.1.0') echo pds-types-0.1.0.cdx.json ;;
  view*) exit 1 ;;
esac
`
let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pds-attach-'))
  for (const name of ['bin', 'sboms']) mkdirSync(path.join(folder, name))
  writeFileSync(path.join(folder, 'bin/gh'), gh)
  chmodSync(path.join(folder, 'bin/gh'), 0o755)
})
afterEach(() => rmSync(folder, { recursive: true }))

it('attaches each SBOM to the release of its package, unless the release has it', () => {
  for (const name of ['core', 'session', 'types']) {
    const sbom = { metadata: { component: { group: '@pds', name, version: '0.1.0' } } }
    writeFileSync(path.join(folder, `sboms/pds-${name}-0.1.0.cdx.json`), JSON.stringify(sbom))
  }
  const env = { ...process.env, PATH: `${folder}/bin:${process.env.PATH}` }
  const output = execFileSync('bash', ['-e', '-c', script], { cwd: folder, env, encoding: 'utf8' })
  expect(output).toBe('There is no release @pds/session@0.1.0.\n')
  const calls = readFileSync(path.join(folder, 'calls.txt'), 'utf8').trim().split('\n')
  expect(calls.filter((call) => call.includes('upload'))).toEqual([
    'release upload @pds/core@0.1.0 sboms/pds-core-0.1.0.cdx.json',
  ])
})
