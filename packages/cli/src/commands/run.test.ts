import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ended, Home, startService } from './command-process.test-helper.ts'

describe('pds run', () => {
  it('passes the token, the streams and the arguments, and exits with the code of the command', async () => {
    const { home, emulator } = await startService()
    const job = home.write(
      'job.mjs',
      `const { PDS_ACCESS_TOKEN, PDS_ACCESS_TOKEN_FILE = 'none', ...env } = process.env
       const headers = { authorization: 'Bearer ' + PDS_ACCESS_TOKEN, 'content-type': 'application/json' }
       const response = await fetch(env.PDS_API_ENDPOINT + '/v2/user/get', { method: 'POST', headers, body: '{"user_id":"user-1"}' })
       console.log(response.status, PDS_ACCESS_TOKEN_FILE, env.PDS_DOMAIN_ID, env.PDS_PROFILE, process.argv.slice(2).join())
       process.exit(7)`,
    )
    const { code, stdout } = await home.pds('run', process.execPath, job, '-p', '--json', '--', 'x')
    expect(stdout).toBe(`200 none ${emulator.domain_id} jobs -p,--json,--,x\n`)
    expect(code).toBe(7)
  })

  it.each([
    ['pds-no-such-command', 127, 'There is no command pds-no-such-command.'],
    ['./key.pem', 126, 'cannot be started (EACCES)'],
  ])('reports that %s cannot be run with exit code %i', async (command, code, message) => {
    const { home } = await startService()
    const result = await home.pds('run', '--watch-file', 'token.txt', '--', command)
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) })
    expect(existsSync(home.file('token.txt'))).toBe(false)
  })

  it('needs a command, and writes an error as JSON', async () => {
    const home = new Home()
    expect(await home.pds('run', '--json')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^{"error":{"code":"Usage"/),
    })
  })

  it('forwards SIGTERM and waits for the command', async () => {
    const { home } = await startService()
    const job = home.write(
      'job.mjs',
      `process.once('SIGTERM', () => { console.log('caught'); setTimeout(() => process.exit(5), 50) })
       setInterval(() => {}, 1e6)
       console.log('ready')`,
    )
    const child = home.start(['run', '--watch-file', 'token.txt', process.execPath, job])
    const result = ended(child)
    await once(child.stdout as never, 'data')
    child.kill('SIGTERM')
    expect(await result).toMatchObject({ code: 5, stdout: 'ready\ncaught\n' })
    expect(readdirSync(home.folder).filter((name) => name.startsWith('token'))).toEqual([])
  })

  it('ends with the signal that ended the command', async () => {
    const { home } = await startService()
    const kill = (signal: string) => home.pds('run', '--', 'sh', '-c', `kill -${signal} $$`)
    expect(await kill('TERM')).toMatchObject({ code: null, signal: 'SIGTERM' })
    expect(await kill('KILL')).toMatchObject({ code: 137, signal: null })
  })
})

describe('pds run --watch-file', () => {
  const print = `import { readFileSync, statSync } from 'node:fs'
    const { PDS_ACCESS_TOKEN_FILE: file, PDS_ACCESS_TOKEN: token } = process.env
    const mode = (statSync(file).mode & 0o777).toString(8)
    console.log(file, mode, readFileSync(file, 'utf8') === token)`

  it('writes the token with mode 0600 and deletes it at the end', async () => {
    const { home } = await startService()
    const job = home.write('job.mjs', print)
    const { code, stdout } = await home.pds('run', '--watch-file', 'token.txt', process.execPath, job)
    expect([code, stdout]).toEqual([0, `${home.file('token.txt')} 600 true\n`])
    expect(readdirSync(home.folder).filter((name) => name.startsWith('token'))).toEqual([])
  })
})
