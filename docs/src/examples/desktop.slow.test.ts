import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Ended, ExampleProcess } from './example-process.ts'

/*
 * The desktop application of its guide, against the emulator. The browser that it opens is a script that goes to the
 * address and follows the redirect, as that of a user who approves at once.
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
  await Promise.all(processes.map((process) => process.end()))
  await emulator.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Makes a program of a script, in which `address` is where the browser is sent. */
function browser(script: string): string {
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
      BROWSER: browser(script),
    },
    command,
  )
  processes.push(started)
  return started
}

const run = (command: string): Promise<Ended> => start(command).ended()

const refreshes = () => emulator.requests.filter(({ grant }) => grant === 'refresh_token').length

it('signs its user in with the browser of the system, and knows who that is', async () => {
  const signedIn = await run('sign-in')
  expect(signedIn).toMatchObject({ code: 0, stdout: 'signed in as Ann Lee\n' })
  const { params } = emulator.requests.find(({ grant }) => grant === 'authorization_code') ?? {}
  expect(params).toHaveProperty('code_verifier')
  expect(params).not.toHaveProperty('client_secret')
  expect(await run('whoami')).toMatchObject({ code: 0, stdout: 'Ann Lee\n', stderr: '' })
})

it('refreshes its token once for all of its processes', async () => {
  await run('sign-in')
  emulator.clock.advance(3 * 3_600_000)
  const ended = await Promise.all(Array.from({ length: 3 }, () => run('whoami')))
  for (const each of ended) expect(each).toMatchObject({ code: 0, stdout: 'Ann Lee\n' })
  expect(refreshes()).toBe(1)
  expect(emulator.deadTokens.refresh).toBe(0)
})

it('keeps what it has from who reads its files, but for those of the keychain', async () => {
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

it('signs out, for good', async () => {
  await run('sign-in')
  expect(await run('sign-out')).toMatchObject({ code: 0, stdout: 'signed out\n' })
  expect(emulator.requests.at(-1)).toMatchObject({ path: '/v2/account/revoke', status: 204 })
  const { code, stderr } = await run('whoami')
  expect(code).toBe(1)
  expect(stderr).toBe('Sign in first: node main.ts sign-in (signed_out)\n')
})

it('is not ended by a callback that somebody made up', async () => {
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
  const signedIn = await start('sign-in', `void (async () => {${forges}})()`).ended()
  expect(signedIn).toMatchObject({ code: 0, stdout: 'signed in as Ann Lee\n' })
  expect(emulator.requests.filter(({ grant }) => grant === 'authorization_code')).toHaveLength(1)
})

it('ends, though the browser keeps a connection for which it had no use', async () => {
  const connects = `
    const { hostname, port } = new URL(address.searchParams.get('redirect_uri'))
    require('node:net').connect(port, hostname, () => { ${approves} })`
  expect(await start('sign-in', connects).ended()).toMatchObject({
    code: 0,
    stdout: 'signed in as Ann Lee\n',
  })
})

it('is not called by other machines, whatever its redirect URI says', async () => {
  const calls = `
    const { port } = new URL(address.searchParams.get('redirect_uri'))
    fetch('http://127.0.0.2:' + port).then(() => 'an answer', ({ cause }) => cause.code).then((found) => {
      const callback = new URL('http://127.0.0.1:' + port + '/callback')
      callback.search = new URLSearchParams({ error: found, state: address.searchParams.get('state') })
      fetch(callback)
    })`
  const { stderr } = await start('sign-in', calls, '0.0.0.0').ended()
  expect(stderr).toContain("code: 'ECONNREFUSED'")
})

it('says that its user did not approve', async () => {
  const denies = `
    const callback = new URL(address.searchParams.get('redirect_uri'))
    callback.search = new URLSearchParams({ error: 'access_denied', state: address.searchParams.get('state') })
    fetch(callback)`
  const { code, stderr } = await start('sign-in', denies).ended()
  expect(code).toBe(1)
  expect(stderr).toContain("code: 'access_denied'")
})
