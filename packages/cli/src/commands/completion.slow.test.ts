import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { spawn } from '@lydell/node-pty'
import { describe, expect, it } from 'vitest'
import { commandNames, prepareShell, shellCases } from './completion.test-helper.ts'
import { whyNoShell } from './find-shell.test-helper.ts'

const noFish = whyNoShell('fish')
describe.skipIf(noFish)(`the completion of fish ${noFish || ''}`, () => {
  it('offers commands, options and values with descriptions', async () => {
    const { home, script, env } = await prepareShell('fish')
    const lines = [
      ...shellCases,
      ['pds login --key my', ['my key.pem']],
      ['pds run noh', ['nohup']],
      ['pds run --watch-file x -- noh', ['nohup']],
      ['pds run cat my', ['my key.pem']],
      ['pds run --js', ['--json']],
    ] as const
    const source = [
      `source '${script}'`,
      ...lines.map(([line]) => `echo '>'; complete -C '${line}'`),
      `echo '>'; complete -C 'pds '`,
    ].join('\n')
    const options = { env, cwd: home.folder }
    const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', source], options)
    const [, ...found] = stdout.split('>\n')
    const all = found.pop()?.trim().split('\n') ?? []
    const names = found.map((each) =>
      each
        .split('\n')
        .map((row) => row.split('\t')[0]?.replaceAll('\\', ''))
        .filter(Boolean),
    )
    expect(names).toEqual(lines.map(([, offered]) => offered))
    expect(all.map((row) => row.split('\t')[0]).sort()).toEqual([...commandNames].sort())
    expect(all).toContain('token\tWrite an access token that is valid now, for scripts of any language.')
  })
})

const noZsh = whyNoShell('zsh')
describe.skipIf(noZsh)(`the completion of zsh ${noZsh || ''}`, () => {
  it('completes commands, options and values', async () => {
    const { home, script, env } = await prepareShell('zsh')
    const terminal = spawn('zsh', ['-f', '-i'], {
      cwd: home.folder,
      env: env as Record<string, string>,
      cols: 200,
    })
    let written = ''
    terminal.onData((data) => {
      written += data
    })
    // The key Ctrl-T shows the line, and Ctrl-U clears it.
    terminal.write(
      `source '${script}'; show() { print -r -- "<$BUFFER>" }; zle -N show; bindkey '^T' show; print rea''dy\r`,
    )
    await expect.poll(() => written).toContain('ready')
    for (const [line, [only = line.split(' ').at(-1)]] of [
      ...shellCases,
      ['pds token --prof', ['--profile=']],
      ['pds login --key my', ['my\\ key.pem']],
      ['pds run -- nohu', ['nohup']],
      ['pds run cat my', ['my\\ key.pem']],
    ] as const) {
      written = ''
      terminal.write(`${line}\t\x14`)
      const expected = [...line.split(' ').slice(0, -1), only].join(' ')
      await expect.poll(() => /<(.*)>/.exec(written)?.[1]?.trim()).toBe(expected)
      terminal.write('\x15')
    }
    terminal.kill()
  })
})
