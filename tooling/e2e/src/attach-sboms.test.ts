import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parse } from 'yaml'
import { repository } from './repository.ts'

const workflow = parse(readFileSync(path.join(repository, '.github/workflows/release.yml'), 'utf8'))
const script: string = workflow.jobs['attach-sboms'].steps.at(-1).run

// A stand-in for the command of GitHub. The releases of two packages exist, one with its SBOM. One has none. For all other
// packages, the command fails.
const gh = `#!/bin/sh
echo "$*" >> calls.txt
case "$2 $3" in
  'view @pds/core@0.1.0') echo ;;
  'view @pds/types@0.1.0') echo pds-types-0.1.0.cdx.json ;;
  'view @pds/session@0.1.0') echo 'release not found' >&2; exit 1 ;;
  view*) echo 'HTTP 503: Service Unavailable' >&2; exit 1 ;;
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

/** Runs the script with the SBOMs of some packages. Returns its result, with the uploads that it did. */
function attach(names: readonly string[]) {
  for (const name of names) {
    const sbom = { metadata: { component: { group: '@pds', name, version: '0.1.0' } } }
    writeFileSync(path.join(folder, `sboms/pds-${name}-0.1.0.cdx.json`), JSON.stringify(sbom))
  }
  const env = { ...process.env, PATH: `${folder}/bin:${process.env.PATH}` }
  const options = { cwd: folder, env, encoding: 'utf8' } as const
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], options)
  const calls = readFileSync(path.join(folder, 'calls.txt'), 'utf8').trim().split('\n')
  return { status, stdout, stderr, uploads: calls.filter((call) => call.includes('upload')) }
}

it('attaches each SBOM to the release of its package, unless the release has it', () => {
  expect(attach(['core', 'session', 'types'])).toEqual({
    status: 0,
    stdout: 'There is no release @pds/session@0.1.0.\n',
    stderr: '',
    uploads: ['release upload @pds/core@0.1.0 sboms/pds-core-0.1.0.cdx.json'],
  })
})

it('fails with the error of GitHub if it cannot find out whether there is a release', () => {
  expect(attach(['client', 'core'])).toEqual({
    status: 1,
    stdout: '',
    stderr: 'HTTP 503: Service Unavailable\n',
    uploads: [],
  })
})
