import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { freePort } from 'shared/free-port'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ExampleProcess } from './example-process.ts'

/* Runs the main process of the Electron example in Node.js, with a fake of `electron`, against the emulator. */

let emulator: RunningEmulator
let folder: string
let started: ExampleProcess[]

beforeEach(async () => {
  emulator = await startEmulator({ domain_id: 'bj1', users: [{ user_id: 'ann', user_name: 'Ann Lee' }] })
  folder = mkdtempSync(path.join(tmpdir(), 'electron-'))
  started = []
})

afterEach(async () => {
  await Promise.all(started.map((process) => process.stop()))
  await emulator.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Starts the main process. Returns it, and a function that calls it as the page does. */
function start(environment: Record<string, string> = {}) {
  const preload = path.join(import.meta.dirname, 'use-fake-electron.test-helper.ts')
  const main = new ExampleProcess('electron/main.ts', {
    NODE_OPTIONS: `--import=${pathToFileURL(preload).href}`,
    ELECTRON_USER_DATA: folder,
    PDS_API_ENDPOINT: emulator.api_endpoint,
    PDS_CLIENT_ID: 'native-app',
    PDS_REDIRECT_URI: 'http://127.0.0.1/callback',
    ...environment,
  })
  started.push(main)
  const counts = new Map<string, number>()
  const call = async (name: string, frame?: string) => {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    main.writeLine(frame === undefined ? name : `${name} ${frame}`)
    const line = await main.waitForOutput(new RegExp(`({"name":"${name}".*})`), count)
    return JSON.parse(line).result
  }
  return { main, call, whenLoaded: () => main.waitForOutput(/"loaded":"index\.html"/) }
}

it('signs the user in with the browser of the system, and keeps the tokens in the main process', async () => {
  const { main, call, whenLoaded } = start()
  await whenLoaded()
  expect(await call('get-user')).toEqual({})
  expect(await call('sign-in')).toEqual({})
  expect(await call('get-user')).toEqual({ userName: 'Ann Lee' })
  main.writeLine('close')
  const { code, stdout } = await main.waitForExit()
  expect(code).toBe(0)
  expect(stdout).toMatch(/{"sent":"address","args":\["http:[^"]*\/oauth\/authorize\?/)
  expect(stdout).not.toMatch(/eyJ|access_token|refresh_token/)
})

it('finds the user again after a restart, and stores no token and no key in plain text', async () => {
  const first = start()
  await first.whenLoaded()
  await first.call('sign-in')
  await first.main.stop()
  const second = start()
  await second.whenLoaded()
  expect(await second.call('get-user')).toEqual({ userName: 'Ann Lee' })
  const files = readdirSync(folder)
  expect(files).toEqual(expect.arrayContaining(['key.json', 'sessions.db']))
  for (const file of files) {
    expect(readFileSync(path.join(folder, file), 'latin1')).not.toMatch(/eyJ|access_token/)
  }
  expect(JSON.parse(readFileSync(path.join(folder, 'key.json'), 'utf8'))).toMatchObject({
    place: 'safeStorage',
  })
})

it('tells the page that the user signed out, and revokes the token', async () => {
  const { main, call, whenLoaded } = start()
  await whenLoaded()
  await call('sign-in')
  expect(await call('sign-out')).toEqual({})
  expect(emulator.requests.at(-1)).toMatchObject({ path: '/v2/account/revoke', status: 204 })
  await main.waitForOutput(/"sent":"change"/)
  expect(await call('get-user')).toEqual({})
})

it('cancels a sign-in whose browser was closed', async () => {
  const { main, call, whenLoaded } = start({ ELECTRON_BROWSER: 'none' })
  await whenLoaded()
  const signedIn = call('sign-in')
  await main.waitForOutput(/"sent":"address"/)
  expect(await call('cancel')).toEqual({})
  expect(await signedIn).toEqual({})
  expect(emulator.requests.filter(({ grant }) => grant === 'authorization_code')).toEqual([])
})

it('starts another sign-in on the same port after the last one has ended', async () => {
  const port = await freePort()
  const redirectUri = `http://127.0.0.1:${port}/callback`
  const { call, whenLoaded } = start({ PDS_REDIRECT_URI: redirectUri, ELECTRON_PORT: 'held' })
  await whenLoaded()
  emulator.injectFault({ type: 'delay', milliseconds: 3_600_000, path: '/v2/oauth/token' })
  const calls = [call('sign-in')]
  // The first one has sent its token request.
  await expect.poll(() => emulator.faults).toEqual([])
  calls.push(call('sign-in'), call('sign-in'))
  expect(await Promise.all(calls)).toEqual([{}, {}, {}])
  expect(await call('get-user')).toEqual({ userName: 'Ann Lee' })
})

it('reports an error of the SDK to the page', async () => {
  const { call, whenLoaded } = start()
  await whenLoaded()
  emulator.injectFault({ path: '/v2/oauth/token', type: 'status', status: 403, code: 'UserNotEnabled' })
  expect(await call('sign-in')).toMatchObject({ error: { code: 'UserNotEnabled' } })
})

it('rejects calls of other frames', async () => {
  const { call, whenLoaded } = start()
  await whenLoaded()
  expect(await call('get-user', 'another')).toEqual({ thrown: 'get-user is not allowed in this frame' })
})

it('does not start without a keychain', async () => {
  const { main } = start({ ELECTRON_BACKEND: 'basic_text' })
  const { code, stdout } = await main.waitForExit()
  expect(code).toBe(1)
  expect(stdout).toMatch(/My Drive cannot start.*safeStorage has no keychain/)
  expect(readdirSync(folder)).toEqual([])
})
