import { once } from 'node:events'
import { rmSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { beforeEach, describe, expect, it } from 'vitest'
import { Home, startDomain } from './pds-process.test-helper.ts'

/* More of the commands in pipes: their exit codes, and what they do after a failure. */

let home: Home

beforeEach(async () => {
  home = new Home(await startDomain())
})

const errorOf = (stderr: string) => JSON.parse(stderr).error

describe('pds token', () => {
  it('needs no network with a valid token', async () => {
    const { access_token } = await home.signIn()
    await home.emulator.close()
    expect(await home.run('token')).toEqual({ code: 0, stdout: `${access_token}\n`, stderr: '' })
  })

  it('obtains the token of a user of a JWT application', async () => {
    expect(await home.run(home.serviceLogin)).toMatchObject({ code: 0, stdout: '' })
    const ann = await home.run('token --user ann')
    const service = await home.run('token')
    expect([ann.code, service.code]).toEqual([0, 0])
    expect(ann.stdout).not.toBe(service.stdout)
    expect(await home.json('whoami --user ann')).toMatchObject({ user_id: 'ann', user_name: 'Ann Lee' })
  })

  it('exits with 3 if another user is signed in', async () => {
    await home.signIn()
    const { code, stdout, stderr } = await home.run('token --user bob --json')
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(errorOf(stderr)).toMatchObject({ code: 'OtherUser' })
  })

  it('exits with 1 while the service is down, and recovers', async () => {
    await home.signIn()
    home.pass()
    const { emulator } = home
    const { port } = emulator
    const state = await emulator.exportState()
    await emulator.close()
    const { code, stdout, stderr } = await home.run('token --json')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(errorOf(stderr)).toMatchObject({ code: 'NetworkError', outcome: 'not-sent' })
    expect(await home.run('status')).toMatchObject({ code: 0 })
    await startDomain({ port, state })
    expect(await home.run('token')).toMatchObject({ code: 0 })
  })
})

describe('pds login', () => {
  it('writes one line of JSON', async () => {
    const { code, stdout, stderr } = await home.run([...home.serviceLogin, '--json'])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: '{"profile":"bj1","user_id":"superadmin","user_name":"superadmin"}\n',
    })
    expect(JSON.parse(stderr)).toEqual({ message: '✓ Signed in as superadmin. Profile: bj1' })
  })

  it('warns if PDS_PROFILE selects another profile', async () => {
    await home.signIn('other')
    const env = { PDS_PROFILE: 'other' }
    const { code, stderr } = await home.run(home.serviceLogin, { env })
    expect(code).toBe(0)
    expect(stderr).toContain('! The variable PDS_PROFILE selects other in this shell.\n')
    const again = await home.run('login', { env: { PDS_PROFILE: 'bj1' } })
    expect(again.stderr).toBe('✓ Signed in as superadmin. Profile: bj1\n')
  })

  it('signs in again after a sign-out, also for a user', async () => {
    await home.run(home.serviceLogin)
    await home.run('token --user ann')
    await home.run('logout --user ann')
    const { code, stderr } = await home.run('token --user ann')
    expect(code).toBe(3)
    expect(stderr).toContain('Run: pds login --user ann\n')
    expect(await home.run('login --user ann')).toMatchObject({ code: 0 })
    expect(await home.run('token --user ann')).toMatchObject({ code: 0 })
  })

  it.each<[string, string, string]>([
    ['login', '--domain, --client', 'These options are missing: --domain, --client.'],
    ['login --domain bj1', '--client', 'These options are missing: --client.'],
    ['login --service --domain bj1 --client c', '--key', 'These options are missing: --key.'],
    ['login --domain https://bj1 --client c', 'a URL', '--domain must be only the id of the domain'],
    ['login --endpoint bj1 --client c', 'no URL', '--endpoint must be a URL'],
    ['login --domain bj1 --client c --key k', 'a key', '--key needs --service.'],
    ['login --service --domain bj1 --client c --key /no/key.pem', 'no file', 'There is no file /no/key.pem.'],
    ['login --service --redirect-uri http://127.0.0.1/', 'a redirect URI', '--redirect-uri is for a sign-in'],
    ['login --profile ../x --domain bj1 --client c', 'a bad name', 'A profile name has up to 64'],
    ['login --profile nope', 'an unknown profile', 'There is no profile nope.'],
  ])('exits with 2 after pds %s (%s)', async (args, _what, text) => {
    const { code, stdout, stderr } = await home.run(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`pds: ${text}`)
    expect(home.emulator.requests).toEqual([])
    expect(home.read('profiles')).toBeUndefined()
  })

  it('exits with 1 and writes no profile if the service rejects the key', async () => {
    const other = new Home(await startDomain())
    const { code, stderr } = await home.run([...home.serviceLogin, '--key', other.keyPem])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^pds: .*\n {2}\w+/)
    expect(home.read('profiles/bj1.json')).toBeUndefined()
  })

  it('keeps the old profile if a new login fails', async () => {
    await home.run(home.serviceLogin)
    const before = home.read('profiles/bj1.json')
    expect(await home.run('login --client other')).toMatchObject({ code: 2 })
    expect(await home.run('login --profile bj1 --client other')).toMatchObject({ code: 1 })
    expect(home.read('profiles/bj1.json')).toBe(before)
    expect(await home.run('token')).toMatchObject({ code: 0 })
  })
})

describe('pds api', () => {
  it('stops reading the body after Ctrl-C', async () => {
    await home.signIn()
    // More than a pipe holds: when it is written, the process reads.
    const input = ' '.repeat(1_000_000)
    const { child, exit } = home.start(['api', '/user/get', '-'], { input, keepsInput: true })
    await once(child.stdin as Writable, 'drain')
    child.kill('SIGINT')
    expect(await exit).toEqual({ code: 130, stdout: '', stderr: 'pds: Cancelled.\n' })
  })

  it('redacts tokens in the response', async () => {
    await home.signIn()
    const secrets = { access_token: 'secret-1', refresh_token: 'secret-2', share_token: 'secret-3' }
    const message = JSON.stringify(secrets)
    home.emulator.injectFault({ type: 'status', status: 400, message })
    const { code, stdout } = await home.run('api /user/get')
    expect(code).toBe(1)
    const redacted = { access_token: '***', refresh_token: '***', share_token: '***' }
    expect(JSON.parse(JSON.parse(stdout).message)).toEqual(redacted)
  })

  it('exits with 1 after an error of the service, and writes its body', async () => {
    await home.signIn()
    const { code, stdout, stderr } = await home.run(['api', '/user/get', '{"user_id":"x"}', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toHaveProperty('code')
    const message = expect.stringMatching(/^The service responded with status 403 \(request id .+\)\.$/)
    const reqId = expect.stringMatching(/./)
    expect(errorOf(stderr)).toEqual({ code: 'CallFailed', message, status: 403, reqId })
    expect(errorOf(stderr).message).toContain(errorOf(stderr).reqId)
    expect(await home.run('api /no/such/call')).toMatchObject({ code: 1, stdout: '' })
  })

  it('uses a token that is still valid if it cannot be renewed', async () => {
    const { expires_in } = await home.signIn()
    // Less than 5 minutes are left.
    home.pass(expires_in * 1000 - 240_000)
    home.emulator.injectFault({ type: 'status', status: 503, path: '/v2/oauth/token', times: 100 })
    const { code, stdout } = await home.run('api /user/get')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ user_id: 'ann' })
  })

  it('renews a token that the service rejects', async () => {
    await home.signIn()
    home.emulator.injectFault({
      type: 'status',
      status: 401,
      code: 'AccessTokenInvalid',
      path: '/v2/user/get',
      times: 2,
    })
    expect(await home.run('api /user/get')).toMatchObject({ code: 0 })
    expect(home.count('refresh_token')).toBe(1)
  })

  it('exits with 1 without a network', async () => {
    await home.signIn()
    await home.emulator.close()
    const { code, stdout, stderr } = await home.run('api /user/get')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^pds: The service cannot be reached. Run: pds doctor\n {2}.*ECONNREFUSED/)
    expect(errorOf((await home.run('api /user/get --json')).stderr)).toMatchObject({ code: 'NetworkError' })
  })

  it.each([
    [['api', '/user/get', '{user_id']],
    [['api', 'C:/Program Files/Git/user/get']],
    [['api', '//other.test/user']],
    [['api', '/user/../get']],
    [['api']],
  ])('exits with 2 after %j', async (args) => {
    await home.signIn()
    home.emulator.clearRequests()
    expect(await home.run(args)).toMatchObject({ code: 2, stdout: '' })
    expect(home.emulator.requests).toEqual([])
  })

  it('exits with 3 without a sign-in', async () => {
    expect(await home.run('api /user/get')).toMatchObject({ code: 3, stdout: '' })
  })
})

describe('pds whoami and pds status', () => {
  it('exit with 3 after a sign-out', async () => {
    await home.signIn()
    expect(await home.run('logout')).toEqual({ code: 0, stdout: '', stderr: 'Signed out of profile bj1.\n' })
    expect(await home.run('whoami')).toMatchObject({ code: 3, stdout: '' })
    expect(await home.run('status')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('State: signed out'),
    })
    expect(await home.json('status')).toMatchObject({ status: 'signed_out' })
  })

  it('exit with 2 for an unknown profile', async () => {
    await home.signIn()
    for (const command of ['whoami', 'status', 'token', 'logout', 'switch'])
      expect(await home.run(`${command} ${command === 'switch' ? 'nope' : '-p nope'}`), command).toEqual({
        code: 2,
        stdout: '',
        stderr: 'pds: There is no profile nope. These exist: bj1.\n',
      })
  })

  it('status has the punctuation of the language', async () => {
    await home.signIn()
    home.emulator.endSessions({})
    home.pass()
    await home.run('token')
    expect(await home.run('status')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('State: login required (rejected)\n'),
    })
    expect(await home.run('status', { env: { PDS_LANG: 'zh' } })).toMatchObject({
      stdout: expect.stringContaining('状态：需要登录（rejected）\n'),
    })
  })

  it('status exits with 3 if another user is signed in', async () => {
    await home.signIn()
    const { code, stdout, stderr } = await home.run('status --user bob')
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain('pds: Profile bj1 is signed in as another user (ann).')
    expect(await home.run('status --user ann')).toMatchObject({ code: 0 })
  })

  it('status says that no one signed in if the tokens were deleted', async () => {
    await home.signIn()
    for (const suffix of ['', '-wal', '-shm']) rmSync(home.file(`sessions.db${suffix}`), { force: true })
    expect(await home.json('status')).toMatchObject({ status: 'login_required', cause: 'no_token' })
    expect(await home.run('status')).toMatchObject({ code: 3 })
  })
})

describe('pds logout', () => {
  it('deletes the token without a network, with a warning', async () => {
    await home.signIn()
    await home.emulator.close()
    const { code, stderr } = await home.run('logout')
    expect(code).toBe(0)
    expect(stderr).toContain('! The token was deleted here, but the service could not revoke it.')
    expect(await home.run('token')).toMatchObject({ code: 3 })
  })

  it('keeps the sign-in of another user', async () => {
    const { access_token } = await home.signIn()
    home.emulator.clearRequests()
    const { code, stderr } = await home.run('logout --user bob')
    expect(code).toBe(3)
    expect(stderr).toContain('pds: Profile bj1 is signed in as another user (ann).')
    expect(home.emulator.requests).toEqual([])
    expect(await home.run('token')).toMatchObject({ stdout: `${access_token}\n` })
    expect(await home.run('logout --user ann')).toMatchObject({ code: 0 })
    expect(await home.run('status --user bob')).toMatchObject({ code: 3 })
  })

  it('deletes no profile for one user', async () => {
    await home.run(home.serviceLogin)
    await home.run('token --user ann')
    const { code, stderr } = await home.run('logout --user ann --forget')
    expect(code).toBe(2)
    expect(stderr).toBe('pds: --forget deletes the profile for all users. Run it without --user.\n')
    expect(await home.run('token --user ann')).toMatchObject({ code: 0 })
  })

  it('deletes the profile with --forget', async () => {
    await home.signIn()
    expect(await home.run('logout --forget')).toMatchObject({ code: 0 })
    expect(await home.json('profiles')).toEqual([])
    expect(home.read('current-profile')).toBeUndefined()
    expect(await home.run('logout')).toMatchObject({ code: 3 })
  })
})

describe('pds profiles and pds switch', () => {
  it('select the account of the other commands', async () => {
    const ann = await home.signIn('first', 'ann')
    const bob = await home.signIn('second', 'bob')
    const host = new URL(home.emulator.api_endpoint).host
    expect(await home.run('profiles')).toEqual({
      code: 0,
      stdout: `  first   ${host}  native-app (user)\n* second  ${host}  native-app (user)\n`,
      stderr: '',
    })
    expect(await home.run('token')).toMatchObject({ stdout: `${bob.access_token}\n` })
    expect(await home.run('token -p first')).toMatchObject({ stdout: `${ann.access_token}\n` })
    expect(await home.run('token', { env: { PDS_PROFILE: 'first' } })).toMatchObject({
      stdout: `${ann.access_token}\n`,
    })
    expect(await home.json('switch first')).toEqual({ profile: 'first' })
    expect(await home.run('token')).toMatchObject({ stdout: `${ann.access_token}\n` })
    const { stderr } = await home.run('switch second', { env: { PDS_PROFILE: 'first' } })
    expect(stderr).toBe(
      '! The variable PDS_PROFILE selects first in this shell.\nThe current profile is second.\n',
    )
    expect(await home.run('logout --forget')).toMatchObject({ code: 0 })
    const { code, stderr: message } = await home.run('token')
    expect({ code, message }).toEqual({
      code: 2,
      message: 'pds: No profile is selected. Run: pds switch <name>. These exist: first.\n',
    })
  })
})
