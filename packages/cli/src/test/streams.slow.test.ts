import { execFile, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { bin, type Exit, Home, startDomain, withoutProgress } from './pds-process.test-helper.ts'

/* Streams that close early or cannot be written, and modules that a command loads. */

let home: Home

beforeEach(async () => {
  home = new Home(await startDomain())
  await home.signIn()
})

/** Runs a script of bash, with the command as `$pds`. */
function bash(script: string): Promise<Exit> {
  const env = { ...home.env, pds: `${process.execPath} ${bin}` } as NodeJS.ProcessEnv
  return new Promise((resolve) => {
    execFile('bash', ['-c', `set -o pipefail; ${script}`], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr: withoutProgress(stderr) }),
    )
  })
}

describe('a closed stream', () => {
  it.each(['profiles', 'token', 'status --json', '--help'])(
    'pds %s is quiet if no one reads',
    async (args) => {
      // The reader ends before the command starts to write.
      const { code, stderr } = await bash(`$pds ${args} | true`)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    },
  )

  it.each(['profiles', 'token', '--help'])('pds %s exits with 1 if stdout is full', async (args) => {
    const { code, stderr } = await bash(`$pds ${args} > /dev/full`)
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'pds: stdout cannot be written (ENOSPC)\n' })
  })

  it('pds token works without stdin, and without stderr', async () => {
    const { code, stdout } = await bash('$pds token <&- 2>&-')
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\S+\n$/) })
    expect(await bash('$pds token -p nope 2> /dev/full')).toMatchObject({ code: 2 })
  })
})

/** Returns what to install if a program is missing. */
function missing(program: string): string {
  return spawnSync(program, ['--version']).status === 0 ? '' : `${program} is missing: install ${program}`
}

const noCurl = missing('curl')
const noPython = missing('python3')

describe.skipIf(noCurl)(`a script of curl ${noCurl}`, () => {
  it('calls the service with the token', async () => {
    const { stdout } = await bash(`
      curl --silent --request POST "${home.emulator.api_endpoint}/v2/user/get" \\
        --header "Authorization: Bearer $($pds token)" --json '{"user_id":"ann"}'`)
    expect(JSON.parse(stdout)).toMatchObject({ user_id: 'ann' })
  })
})

describe.skipIf(noPython)(`a script of Python ${noPython}`, () => {
  it('calls the service, as the guide shows', async () => {
    const guide = readFileSync(
      path.resolve(import.meta.dirname, '../../../../docs/guides/terminal.md'),
      'utf8',
    )
    const [, program = ''] = /```python\n(.*?)```/s.exec(guide) ?? []
    writeFileSync(path.join(home.folder, 'job.py'), program.replaceAll('"user-1"', '"ann"'))
    writeFileSync(path.join(home.folder, 'pds'), `#!/bin/sh\nexec ${process.execPath} ${bin} "$@"\n`, {
      mode: 0o755,
    })
    const env = { PATH: `${home.folder}${path.delimiter}${process.env.PATH}` }
    const { code, stdout, stderr } = await home.run(
      ['run', '--', 'python3', path.join(home.folder, 'job.py')],
      { env },
    )
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'ann\n', stderr: '' })
  })
})

describe('a script', () => {
  it('of bash signs in if it is necessary', async () => {
    const check = '$pds status > /dev/null || echo "login $?"'
    expect(await bash(check)).toMatchObject({ stdout: '' })
    await home.run('logout')
    expect(await bash(check)).toMatchObject({ stdout: 'login 3\n' })
  })
})
