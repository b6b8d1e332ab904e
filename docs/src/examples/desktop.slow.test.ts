import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ExampleProcess, type Exit } from './example-process.ts'

/*
 * Runs the desktop application of the guide against the emulator. A script replaces the browser of the system: it opens the
 * URL and follows the redirect, like the browser of a user who approves at once. The application finds no keychain.
 */

let emulator: RunningEmulator
let folder: string
let processes: ExampleProcess[]

beforeEach(async () => {
  emulator = await startEmulator({ domain_id: 'bj1', users: [{ user_id: 'ann', user_name: 'Ann Lee' }] })
  folder = mkdtempSync(path.join(tmpdir(), 'desktop-'))
  mkdirSync(path.join(folder, 'bin'))
  processes = []
})

afterEach(async () => {
  await Promise.all(processes.map((process) => process.stop()))
  await emulator.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Creates an executable that runs a script. In the script, `address` is the URL that the browser opens. */
function createBrowser(script: string): string {
  const file = path.join(folder, 'bin', 'browser')
  const lines = [`#!${process.execPath}`, 'const address = new URL(process.argv[2])', script]
  writeFileSync(file, lines.join('\n'), { mode: 0o755 })
  return file
}

const approves = `address.searchParams.set('user_id', 'ann'); fetch(address)`

function start(
  command: string,
  script = approves,
  redirectUri = 'http://127.0.0.1/callback',
  options = '',
): ExampleProcess {
  const started = new ExampleProcess(
    'desktop/main.ts',
    {
      PDS_API_ENDPOINT: emulator.api_endpoint,
      PDS_CLIENT_ID: 'native-app',
      PDS_REDIRECT_URI: redirectUri,
      MY_DRIVE_FOLDER: path.join(folder, 'data'),
      // xdg-open starts this browser, if there is no desktop.
      BROWSER: createBrowser(script),
      DISPLAY: '',
      XDG_CURRENT_DESKTOP: '',
      // The binary of @napi-rs/keyring is missing, as on a platform that it does not support.
      NAPI_RS_NATIVE_LIBRARY_PATH: path.join(folder, 'missing'),
      NODE_OPTIONS: options,
    },
    command,
  )
  processes.push(started)
  return started
}

const run = (command: string): Promise<Exit> => start(command).waitForExit()

const refreshes = () => emulator.requests.filter(({ grant }) => grant === 'refresh_token').length

/* Other systems start the browser of their settings, which the tests must not do. */
describe.runIf(process.platform === 'linux')('the desktop application', () => {
  it('signs the user in with the system browser and returns the user name', async () => {
    const signedIn = await run('sign-in')
    expect(signedIn).toMatchObject({ code: 0, stdout: 'signed in as Ann Lee\n' })
    const { params } = emulator.requests.find(({ grant }) => grant === 'authorization_code') ?? {}
    expect(params).toHaveProperty('code_verifier')
    expect(params).not.toHaveProperty('client_secret')
    expect(await run('whoami')).toMatchObject({ code: 0, stdout: 'Ann Lee\n', stderr: '' })
  })

  it('refreshes the token once for three processes', async () => {
    await run('sign-in')
    emulator.clock.advance(3 * 3_600_000)
    const exits = await Promise.all(Array.from({ length: 3 }, () => run('whoami')))
    for (const exit of exits) expect(exit).toMatchObject({ code: 0, stdout: 'Ann Lee\n' })
    expect(refreshes()).toBe(1)
    expect(emulator.invalidTokenUses.refresh).toBe(0)
  })

  it('stores the token of a renewal in the background that takes longer than the command', async () => {
    await run('sign-in')
    const almost2Hours = 116 * 60_000
    emulator.clock.advance(almost2Hours)
    const source = `const { now } = Date; Date.now = () => now() + ${almost2Hours}`
    const options = `--import=data:text/javascript,${encodeURIComponent(source)}`
    emulator.injectFault({ type: 'delay', milliseconds: 500, when: 'after', path: '/v2/oauth/token' })
    for (let times = 0; times < 2; times++) {
      const whoami = start('whoami', approves, undefined, options)
      expect(await whoami.waitForExit()).toMatchObject({ code: 0, stdout: 'Ann Lee\n', stderr: '' })
    }
    expect(refreshes()).toBe(1)
    expect(emulator.faults).toEqual([])
    expect(emulator.invalidTokenUses.refresh).toBe(0)
  })

  it('says once that the key is in a file', async () => {
    const { stderr } = await run('whoami')
    expect(stderr).toContain('[PDS_KEY_IN_FILE] Warning: This machine has no keychain')
    expect(stderr).toContain(path.join(folder, 'data', 'key.json'))
    expect((await run('whoami')).stderr).toBe('Sign in first: node main.ts sign-in (no_token)\n')
  })

  it('keeps its files private and stores no plain-text token', async () => {
    await run('sign-in')
    const data = path.join(folder, 'data')
    expect(statSync(data).mode & 0o777).toBe(0o700)
    const files = readdirSync(data)
    expect(files).toEqual(expect.arrayContaining(['key.json', 'sessions.db']))
    for (const file of files) {
      expect(statSync(path.join(data, file)).mode & 0o777).toBe(0o600)
      expect(readFileSync(path.join(data, file), 'latin1')).not.toMatch(/eyJ|access_token/)
    }
  })

  it('revokes the token at sign-out and requires a new sign-in', async () => {
    await run('sign-in')
    expect(await run('sign-out')).toMatchObject({ code: 0, stdout: 'signed out\n' })
    expect(emulator.requests.at(-1)).toMatchObject({ path: '/v2/account/revoke', status: 204 })
    const { code, stderr } = await run('whoami')
    expect(code).toBe(1)
    expect(stderr).toBe('Sign in first: node main.ts sign-in (signed_out)\n')
  })

  it('opens no browser with a redirect URI of another machine', async () => {
    const { code, stderr } = await start('sign-in', approves, 'http://192.0.2.1/callback').waitForExit()
    expect(code).toBe(1)
    expect(stderr).toContain("code: 'InvalidParameter'")
    expect(emulator.requests).toEqual([])
  })

  it('reports access_denied if the user does not approve', async () => {
    const denies = `
      const callback = new URL(address.searchParams.get('redirect_uri'))
      callback.search = new URLSearchParams({ error: 'access_denied', state: address.searchParams.get('state') })
      fetch(callback)`
    const { code, stderr } = await start('sign-in', denies).waitForExit()
    expect(code).toBe(1)
    expect(stderr).toContain("code: 'access_denied'")
  })
})
