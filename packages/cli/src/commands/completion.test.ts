import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { Home, runHere } from './command-process.test-helper.ts'
import { commandNames, completion, prepareShell, shellCases } from './completion.test-helper.ts'
import { whyNoShell } from './find-shell.test-helper.ts'

it.skipIf(whyNoShell('bash'))('offers commands, options and values in bash', async () => {
  const { home, script, env } = await prepareShell('bash')
  const lines: readonly (readonly [line: string, offered: readonly string[]])[] = [
    ...shellCases,
    ['pds ', [...commandNames, '--help', '--version']],
    ['pds token --profile=m', ['me']],
    ['pds login --key my', ['my key.pem']],
    ['pds login --domain ', []],
    ['pds run --watch-file=x --j', ['--json']],
    ['pds run --watch-file=x noh', ['nohup']],
    ['pds run -- noh', ['nohup']],
    ['pds run cat my', ['my key.pem']],
    ['pds run cat --j', []],
  ]
  const calls = lines.map(([line]) => {
    const words = line.split(/ |(=)/).filter((word) => word !== undefined)
    const list = words.map((word) => `'${word}'`).join(' ')
    return `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _pds; echo '>'; printf '%s\\n' "\${COMPREPLY[@]}"`
  })
  const source = [`source '${script}'`, ...calls].join('\n')
  const options = { env, cwd: home.folder }
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', source], options)
  const [, ...found] = stdout.split('>\n')
  // Bash shows a program once that is in several folders.
  const offered = found.map((each) => [...new Set(each.split('\n').filter(Boolean))])
  expect(offered).toEqual(lines.map(([, expected]) => expected))
})

describe('pds completion', () => {
  it('writes JSON, and descriptions in Chinese', async () => {
    const { stdout } = await runHere(completion, { shell: 'fish' }, true, 'zh')
    expect(JSON.parse(stdout)).toMatchObject({
      shell: 'fish',
      script: expect.stringContaining("-a profiles -d '列出所有配置。'"),
    })
  })

  it('rejects another shell', async () => {
    await expect(runHere(completion, { shell: 'csh' })).rejects.toMatchObject({ exitCode: 2 })
  })

  it('writes nothing without profiles', async () => {
    vi.stubEnv('PDS_HOME', new Home().folder)
    expect(await runHere(completion, { shell: 'profile-names' })).toMatchObject({ stdout: '' })
    vi.unstubAllEnvs()
  })
})
