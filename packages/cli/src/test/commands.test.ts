import { beforeEach, describe, expect, it } from 'vitest'
import { Home, startDomain } from './pds-process.test-helper.ts'

/* The commands in pipes, one process for each call. */

let home: Home

beforeEach(async () => {
  home = new Home(await startDomain())
})

const errorOf = (stderr: string) => JSON.parse(stderr).error

describe('pds token', () => {
  it('writes the stored token and sends nothing', async () => {
    const { access_token } = await home.signIn()
    home.emulator.clearRequests()
    expect(await home.run('token')).toEqual({ code: 0, stdout: `${access_token}\n`, stderr: '' })
    const token = await home.json('token')
    expect(token).toEqual({
      access_token,
      token_type: 'Bearer',
      expires_in: expect.any(Number),
      expire_time: expect.any(String),
    })
    expect(token.expires_in).toBeGreaterThan(7000)
    expect(home.emulator.requests).toEqual([])
  })

  it('refreshes an expired token', async () => {
    const { access_token } = await home.signIn()
    home.pass()
    const { code, stdout } = await home.run('token')
    expect(code).toBe(0)
    expect(stdout).not.toContain(access_token)
    expect(home.count('refresh_token')).toBe(1)
    expect(await home.run('token')).toMatchObject({ stdout })
    expect(home.count('refresh_token')).toBe(1)
  })

  it('exits with 3 and the command to run if a login is required', async () => {
    expect(await home.run('token')).toEqual({
      code: 3,
      stdout: '',
      stderr: 'pds: There is no profile yet. Run: pds login --domain <id> --client <id>\n',
    })
    await home.signIn()
    home.emulator.endSessions({})
    home.pass()
    const { code, stdout, stderr } = await home.run('token --profile bj1')
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain('pds: You are not signed in. Run: pds login --profile bj1\n  LoginRequired: ')
    const json = await home.run('token --json')
    expect(json).toMatchObject({ code: 3, stdout: '' })
    expect(errorOf(json.stderr)).toMatchObject({ code: 'LoginRequired' })
    expect(await home.run('status')).toMatchObject({ code: 3 })
  })
})

describe('pds login', () => {
  it('writes the profile of a JWT application, and selects it', async () => {
    expect(await home.run(home.serviceLogin)).toEqual({
      code: 0,
      stdout: '',
      stderr: '✓ Signed in as superadmin. Profile: bj1\n',
    })
    expect(JSON.parse(home.read('profiles/bj1.json') as string)).toEqual({
      format: 1,
      type: 'service',
      api_endpoint: home.emulator.api_endpoint,
      domain_id: 'bj1',
      client_id: 'jwt-app',
      key_file: home.keyPem,
    })
    expect(await home.json('profiles')).toMatchObject([{ name: 'bj1', is_current: true }])
  })
})

describe('pds api', () => {
  it('writes the body of the response', async () => {
    await home.signIn()
    const args = ['api', '/user/get', '{"user_id":"ann"}']
    const { code, stdout, stderr } = await home.run(args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ user_id: 'ann', user_name: 'Ann Lee' })
    for (const same of ['user/get', '/v2/user/get'])
      expect(await home.run(['api', same, '-', '--json'], { input: args[2] as string })).toMatchObject({
        stdout,
        code: 0,
      })
  })
})

describe('pds whoami and pds status', () => {
  it('show the user', async () => {
    await home.signIn()
    const host = new URL(home.emulator.api_endpoint).host
    expect(await home.run('whoami')).toEqual({
      code: 0,
      stdout: `Ann Lee (ann, user) · ${host}\n`,
      stderr: '',
    })
    expect(await home.json('whoami')).toMatchObject({ profile: 'bj1', user_id: 'ann', role: 'user' })
    const { code, stdout } = await home.run('status')
    expect(code).toBe(0)
    expect(stdout).toContain('Profile: bj1\n')
    expect(stdout).toContain('State: signed in\nUser: Ann Lee (ann)\nToken until: 2')
    expect(await home.json('status')).toMatchObject({ status: 'ok', user_id: 'ann', cause: null })
  })
})

describe('pds logout', () => {
  it('revokes the token', async () => {
    await home.signIn()
    expect(await home.json('logout')).toEqual({ profile: 'bj1', revoked: true })
    expect(home.emulator.requests.at(-1)).toMatchObject({ path: '/v2/account/revoke', status: 204 })
    expect(home.emulator.sessions).toEqual([])
  })
})

describe('pds profiles and pds switch', () => {
  it('tell what to do without a profile or a terminal', async () => {
    expect(await home.run('profiles')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'There is no profile yet. Run: pds login\n',
    })
    expect(await home.run('switch')).toMatchObject({
      code: 2,
      stderr: 'pds: The name of the profile is missing. Run: pds profiles\n',
    })
  })
})
