import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ExampleProcess, type Exit } from './example-process.ts'

/*
 * Runs the desktop application of the guide against the emulator. A script replaces the browser: it opens the URL and
 * follows the redirect, like the browser of a user who approves at once.
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

function start(command: string, script = approves, hostname = '127.0.0.1'): ExampleProcess {
  const started = new ExampleProcess(
    'desktop/main.ts',
    {
      PDS_API_ENDPOINT: emulator.api_endpoint,
      PDS_CLIENT_ID: 'native-app',
      PDS_REDIRECT_URI: `http://${hostname}:0/callback`,
      MY_DRIVE_FOLDER: path.join(folder, 'data'),
      BROWSER: createBrowser(script),
    },
    command,
  )
  processes.push(started)
  return started
}

const run = (command: string): Promise<Exit> => start(command).waitForExit()

const refreshes = () => emulator.requests.filter(({ grant }) => grant === 'refresh_token').length

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

it('keeps its files private and stores no plain-text token', async () => {
  await run('sign-in')
  const data = path.join(folder, 'data')
  expect(statSync(data).mode & 0o777).toBe(0o700)
  const files = readdirSync(data)
  expect(files).toContain('stand-in-keychain')
  expect(files.filter((name) => !/^(sessions\.db(-wal|-shm)?|stand-in-keychain)$/.test(name))).toEqual([])
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

it('ignores forged callbacks and completes the sign-in', async () => {
  const forges = `
    const callback = new URL(address.searchParams.get('redirect_uri'))
    for (const search of ['', '?code=forged', '?code=forged&state=forged', '?error=access_denied']) {
      callback.search = search
      const { status } = await fetch(callback)
      if (status !== 400) throw new Error(search)
    }
    for (const path of ['/favicon.ico', '//', '//elsewhere.test/callback']) {
      const { status } = await fetch(callback.origin + path)
      if (status !== 404) throw new Error(path)
    }
    ${approves}`
  const signedIn = await start('sign-in', `void (async () => {${forges}})()`).waitForExit()
  expect(signedIn).toMatchObject({ code: 0, stdout: 'signed in as Ann Lee\n' })
  expect(emulator.requests.filter(({ grant }) => grant === 'authorization_code')).toHaveLength(1)
})

it('exits while the browser keeps an unused connection open', async () => {
  const connects = `
    const { hostname, port } = new URL(address.searchParams.get('redirect_uri'))
    require('node:net').connect(port, hostname, () => { ${approves} })`
  expect(await start('sign-in', connects).waitForExit()).toMatchObject({
    code: 0,
    stdout: 'signed in as Ann Lee\n',
  })
})

it('listens only on 127.0.0.1, even if its redirect URI names localhost', async () => {
  const connectsFromOutside = `
    const { port } = new URL(address.searchParams.get('redirect_uri'))
    fetch('http://127.0.0.2:' + port).then(() => 'a response', ({ cause }) => cause.code).then((found) => {
      const callback = new URL('http://127.0.0.1:' + port + '/callback')
      callback.search = new URLSearchParams({ error: found, state: address.searchParams.get('state') })
      fetch(callback)
    })`
  const { stderr } = await start('sign-in', connectsFromOutside, 'localhost').waitForExit()
  expect(stderr).toContain("code: 'ECONNREFUSED'")
})

it('opens no browser with a redirect URI of another machine', async () => {
  const { code, stderr } = await start('sign-in', approves, '0.0.0.0').waitForExit()
  expect(code).toBe(1)
  expect(stderr).toContain(
    'redirect_uri must be an absolute URL without a fragment, with http: only on localhost',
  )
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
