import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { holdTokens } from './held-tokens.test-helper.ts'
import { approves, approvesAs, Home, startDomain } from './pds-process.test-helper.ts'
import { openTerminal } from './terminal.test-helper.ts'

/* Sign-ins with a browser, which is a script, and in a pseudo-terminal. */

let home: Home

beforeEach(async () => {
  home = new Home(await startDomain())
})

/** Returns the URL of the callback, as a browser on another machine shows it. */
async function approve(address: string, user_id = 'ann'): Promise<string> {
  const url = new URL(address)
  url.searchParams.set('user_id', user_id)
  const { headers } = await fetch(url, { redirect: 'manual' })
  return headers.get('location') as string
}

const address = /(http:\/\/127\.0\.0\.1:\d+\/v2\/oauth\/authorize\S+)/

/** Returns the files of the folder, without those of SQLite. */
const files = () =>
  readdirSync(home.data, { recursive: true }).filter((each) => !/-(wal|shm)$/.test(`${each}`))

describe('pds login with a browser', () => {
  it('signs in', async () => {
    home.useBrowser(approves)
    const { code, stdout, stderr } = await home.run(home.browserLogin)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(
      /^Open this address if no browser opens:\nhttp.*\n✓ Signed in as Ann Lee. Profile: bj1\n$/,
    )
    expect(await home.json('whoami')).toMatchObject({ user_id: 'ann' })
    expect(files().sort()).toEqual(
      ['current-profile', 'key.json', 'profiles', 'profiles/bj1.json', 'sessions.db'].sort(),
    )
  })

  it('writes the address and the result as JSON', async () => {
    home.useBrowser(approves)
    const { code, stdout, stderr } = await home.run([...home.browserLogin, '--json'])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: '{"profile":"bj1","user_id":"ann","user_name":"Ann Lee"}\n',
    })
    const [first] = stderr.split('\n')
    expect(JSON.parse(first as string)).toMatchObject({ url: expect.stringMatching(address) })
  })

  it('replaces the sign-in of another user', async () => {
    home.useBrowser(approves)
    await home.run(home.browserLogin)
    home.useBrowser(approvesAs('bob'))
    expect(await home.run('login')).toMatchObject({ code: 0 })
    expect(await home.json('whoami')).toMatchObject({ profile: 'bj1', user_id: 'bob' })
  })

  it('keeps the sign-in if another user signs in than --user names', async () => {
    await home.signIn()
    home.useBrowser(approvesAs('bob'))
    const { code, stderr } = await home.run('login --user ann')
    expect(code).toBe(3)
    expect(stderr).toContain(
      'pds: You signed in as bob, not as ann. The old sign-in is kept. Run the command again, and sign in as ann in the browser.\n',
    )
    // The token of the other user is revoked.
    expect(home.emulator.sessions).toMatchObject([{ user_id: 'ann' }])
    expect(await home.json('whoami')).toMatchObject({ user_id: 'ann' })
  })

  it('stores nothing if another user signs in than --user names', async () => {
    home.useBrowser(approvesAs('bob'))
    home.emulator.injectFault({ type: 'status', status: 400, path: '/v2/account/revoke' })
    const { code, stderr } = await home.run([...home.browserLogin, '--user', 'ann'], {
      env: { PDS_LANG: 'zh' },
    })
    expect(code).toBe(3)
    expect(stderr).toContain('登录的用户是 bob，而不是 ann。未保存任何内容。请再次运行该命令')
    expect(home.read('profiles/bj1.json')).toBeUndefined()
  })

  it('exits with 1 if the user denies it, and keeps the old sign-in', async () => {
    const { access_token } = await home.signIn()
    home.useBrowser(`
      const callback = new URL(address.searchParams.get('redirect_uri'))
      callback.search = new URLSearchParams({ error: 'access_denied', state: address.searchParams.get('state') })
      fetch(callback)`)
    const { code, stderr } = await home.run('login')
    expect(code).toBe(1)
    expect(stderr).toContain('pds: The sign-in was denied.\n')
    expect(await home.run('token')).toMatchObject({ stdout: `${access_token}\n` })
  })

  it('waits for the user if no browser opens', async () => {
    const login = home.start(home.browserLogin)
    const [url = ''] = await login.says(address)
    await login.says(/No browser opened. Open the address above./)
    await fetch(await approve(url))
    expect(await login.exit).toMatchObject({ code: 0 })
  })

  it('keeps the old sign-in if it is killed', async () => {
    const { access_token } = await home.signIn()
    const before = files()
    const login = home.start(['login', '--no-browser'])
    await login.says(address)
    login.child.kill('SIGKILL')
    await login.exit
    expect(await home.run('token')).toMatchObject({ code: 0, stdout: `${access_token}\n` })
    expect(files()).toEqual(before)
  })

  it('leaves no profile if it is killed while the code is exchanged', async () => {
    home.emulator.injectFault({ type: 'delay', milliseconds: 3_600_000, path: '/v2/oauth/token' })
    home.useBrowser(approves)
    const login = home.start(home.browserLogin)
    await expect.poll(() => home.emulator.faults).toEqual([])
    login.child.kill('SIGKILL')
    await login.exit
    expect(files().sort()).toEqual(['key.json', 'sessions.db'])
    expect(await home.run(home.browserLogin)).toMatchObject({ code: 0 })
  })

  it('uses the redirect URI of the profile, and reports a taken port', async () => {
    const other = home.start(home.browserLogin)
    const [url = ''] = await other.says(address)
    const redirect = new URL(url).searchParams.get('redirect_uri') as string
    const { code, stderr } = await home.run([...home.browserLogin, '--redirect-uri', redirect])
    expect(code).toBe(1)
    expect(stderr).toContain('pds: Another program uses the port of the redirect URI.')
  })
})

describe('pds login in a terminal', () => {
  it('takes the pasted address of the callback', async () => {
    const terminal = openTerminal(home, [...home.browserLogin, '--no-browser'])
    const [url] = await terminal.shows(address)
    await terminal.shows(/paste the address/)
    terminal.type('http://127.0.0.1/callback?code=forged\r')
    await terminal.shows(/! .*paste the whole address/)
    terminal.type(`${await approve(url)}\r`)
    expect(await terminal.exit).toBe(0)
    expect(await home.json('whoami')).toMatchObject({ user_id: 'ann' })
  })

  it('goes on with the browser after the end of the input', async () => {
    const terminal = openTerminal(home, [...home.browserLogin, '--no-browser'])
    const [url] = await terminal.shows(address)
    await terminal.shows(/paste the address/)
    terminal.type('\x04')
    await fetch(await approve(url))
    expect(await terminal.exit).toBe(0)
  })

  it('asks for the domain and the application, in the language of the user', async () => {
    const { api_endpoint } = home.emulator
    const terminal = openTerminal(home, ['login', '--no-browser'], { PDS_LANG: 'zh' })
    await terminal.shows(/域 ID，例如 bj1/)
    terminal.type('\r')
    await terminal.shows(/请输入。/)
    terminal.type('no-such-domain.invalid')
    terminal.type('\r')
    await terminal.shows(/应用 ID/)
    terminal.type('native-app\r')
    await terminal.shows(/--domain 只能是域 ID/)
    expect(await terminal.exit).toBe(2)

    const second = openTerminal(home, ['login', '--no-browser', '--endpoint', api_endpoint])
    await second.shows(/Id of the application/)
    second.type('native-app\r')
    const [url] = await second.shows(address)
    await fetch(await approve(url))
    expect(await second.exit).toBe(0)
    expect(await home.json('profiles')).toMatchObject([{ name: '127.0.0.1-native-app' }])
  })

  it.each([
    ['a question', ['login'], /Id of the domain/],
    ['the wait for the browser', undefined, /paste the address/],
  ])('leaves nothing behind after Ctrl-C during %s', async (_when, args, pattern) => {
    const command = args ?? [...home.browserLogin, '--no-browser']
    const script = `"${process.execPath}" "$PDS_BIN" ${command.join(' ')}; echo "code $?"; stty -a`
    const terminal = openTerminal(home, { script: `trap : INT; ${script}` })
    await terminal.shows(pattern)
    terminal.type('\x03')
    await terminal.shows(/code 130\n/)
    await terminal.exit
    // The terminal has its line mode and its echo, and the cursor is visible.
    expect(terminal.output()).toMatch(/ icanon /)
    expect(terminal.output()).toMatch(/ echo /)
    const [cursor = '[?25h'] =
      terminal
        .output()
        .match(/\[\?25[hl]/g)
        ?.slice(-1) ?? []
    expect(cursor).toBe('[?25h')
    expect(terminal.output()).toContain('Cancelled.')
    expect(files().filter((file) => !['key.json', 'sessions.db'].includes(`${file}`))).toEqual([])
  })
})

describe('other commands in a terminal', () => {
  /** Starts a command whose refresh is held back, in a shell, and waits for its progress. */
  async function startSlowRefresh(args: readonly string[], after = '', before = '') {
    const { emulator, hold } = await holdTokens(await startDomain())
    home = new Home(emulator)
    await home.signIn()
    home.pass()
    const tokens = hold()
    const script = `trap : INT; ${before} "${process.execPath}" "$PDS_BIN" ${args.join(' ')} ${after}; echo "code $?"`
    const terminal = openTerminal(home, { script })
    await terminal.shows(/Obtaining a token …/)
    await tokens.arrived
    return { terminal, tokens }
  }

  it('show the token only with --show', async () => {
    const { access_token } = await home.signIn()
    const refused = openTerminal(home, ['token'])
    expect(await refused.exit).toBe(2)
    expect(refused.output()).toContain('The token is not written to a terminal.')
    expect(refused.output()).not.toContain(access_token)
    const shown = openTerminal(home, ['token', '--show'])
    expect(await shown.exit).toBe(0)
    expect(shown.output()).toContain(access_token.slice(0, 100))
    const json = openTerminal(home, ['token', '--json'])
    expect(await json.exit).toBe(2)
    expect(json.output()).not.toContain(access_token.slice(0, 100))
  })

  it('ask for the profile of pds switch', async () => {
    await home.signIn('first')
    await home.signIn('second')
    const terminal = openTerminal(home, ['switch'])
    await terminal.shows(/first/)
    terminal.type('\x1b[A\r')
    expect(await terminal.exit).toBe(0)
    expect(await home.json('profiles')).toMatchObject([{ is_current: true }, { is_current: false }])
    const cancelled = openTerminal(home, ['switch'])
    await cancelled.shows(/second/)
    cancelled.type('\x03')
    expect(await cancelled.exit).toBe(130)
    expect(await home.json('profiles')).toMatchObject([{ is_current: true }, { is_current: false }])
  })

  it('have colours unless NO_COLOR is set', async () => {
    const colour = /\[3\d/
    const coloured = openTerminal(home, ['token', '--show'])
    expect(await coloured.exit).toBe(3)
    expect(coloured.output()).toMatch(colour)
    const plain = openTerminal(home, ['token', '--show'], { NO_COLOR: '1' })
    expect(await plain.exit).toBe(3)
    expect(plain.output()).toContain('pds: There is no profile yet.')
    expect(plain.output()).not.toMatch(colour)
  })

  it('show a progress after a second, and remove it', async () => {
    const { terminal, tokens } = await startSlowRefresh(['whoami'])
    tokens.release()
    await terminal.shows(/code 0\n/)
    expect(terminal.output()).toMatch(/Obtaining a token …\r\p{Cc}\[KAnn Lee \(ann, user\)/u)
  })

  it('store the new token after Ctrl-C during the progress', async () => {
    const { terminal, tokens } = await startSlowRefresh(['token'], '> token.txt')
    terminal.type('\x03')
    await terminal.shows(/Cancelled\./)
    tokens.release()
    await terminal.shows(/code 130\n/)
    expect(await home.run('token')).toMatchObject({ code: 0, stderr: '' })
    expect(home.count('refresh_token')).toBe(1)
    expect(home.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  })

  it('leave the input to the command of pds run during the progress', async () => {
    const { terminal, tokens } = await startSlowRefresh(['run', '--', 'cat'], '> copy.txt', 'printf input |')
    tokens.release()
    await terminal.shows(/code 0\n/)
    expect(readFileSync(path.join(home.folder, 'copy.txt'), 'utf8')).toBe('input')
  })

  it('remove control characters of the service', async () => {
    home = new Home(await startDomain({ users: [{ user_id: 'ann', user_name: 'Ann\x1b]0;title\x07' }] }))
    await home.signIn()
    const terminal = openTerminal(home, ['whoami'])
    expect(await terminal.exit).toBe(0)
    expect(terminal.output()).toContain('Ann]0;title (ann, user)')
  })
})
