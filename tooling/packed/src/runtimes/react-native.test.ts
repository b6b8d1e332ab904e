import { execFile } from 'node:child_process'
import { cpSync, realpathSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest'
import { SecureItems } from '../../../../docs/src/examples/secure-items.test-helper.ts'
import { repository, tools } from '../packages/repository.ts'
import { bundleWithMetro } from './bundle-with-metro.ts'
import { type Layout, layOut } from './lay-out.ts'
import { nativeModules, reactNativeRealms } from './react-native-realm.ts'

/* Runs the example for React Native in a realm with its globals, with the packed packages and stand-ins for Expo. */

const redirect_uri = 'com.example.app:/callback'

let layout: Layout
let emulator: RunningEmulator
let bundle: string
let items: Map<string, string>
/** What the user does in the browser: returns the result of `openAuthSessionAsync`. */
let browse: (url: string, redirectUri: string) => Promise<object>

type Account = typeof import('../../../../docs/examples/react-native/account.ts')

beforeAll(async () => {
  layout = layOut(inject('packed').installed)
  const example = path.join(repository, 'docs/examples/react-native')
  const folder = path.join(layout.folder, 'example')
  cpSync(example, folder, { recursive: true })
  bundle = await bundleWithMetro(
    "import * as account from './account.ts'\nglobalThis.account = account",
    folder,
    realpathSync(path.join(inject('packed').installed, 'node_modules')),
    { nativeModules: [...Object.keys(nativeModules), 'expo-secure-store', 'expo-web-browser'] },
  )
  emulator = await startEmulator({
    users: [{ user_id: 'ann', user_name: 'Ann Lee' }],
    apps: [{ type: 'native', client_id: 'native-app', redirect_uris: [redirect_uri] }],
  })
})

afterAll(async () => {
  await emulator?.close()
  layout?.remove()
})

beforeEach(() => {
  items = new Map()
  browse = approve
})

/** The user approves. The browser opens the application with the callback URL. */
async function approve(url: string): Promise<object> {
  const response = await fetch(`${url}&user_id=ann`, { redirect: 'manual' })
  return { type: 'success', url: response.headers.get('location') }
}

/** Starts the application. Its keychain outlives it. */
function start(): Account {
  const modules = {
    ...nativeModules,
    'expo-secure-store': new SecureItems(items),
    'expo-web-browser': { openAuthSessionAsync: (url: string, uri: string) => browse(url, uri) },
  }
  const env = { EXPO_PUBLIC_PDS_API_ENDPOINT: emulator.api_endpoint }
  return reactNativeRealms(bundle)(modules, env).evaluate('account') as Account
}

function countGrants(): Record<string, number> {
  const grants = emulator.requests.flatMap(({ grant }) => grant ?? [])
  return Object.fromEntries(
    ['authorization_code', 'refresh_token'].map((name) => [
      name,
      grants.filter((each) => each === name).length,
    ]),
  )
}

it('the Hermes compiler of React Native accepts the bundle', async () => {
  const file = path.join(layout.folder, 'bundle.js')
  writeFileSync(file, bundle)
  const platform = { linux: 'linux64-bin', darwin: 'osx-bin', win32: 'win64-bin' }[
    process.platform as 'linux'
  ]
  const compiler = path.join(tools, 'hermes-compiler/hermesc', platform, 'hermesc')
  await promisify(execFile)(compiler, ['-w', '-emit-binary', '-out', `${file}.hbc`, file])
})

it('the bundle has no code for servers', () => {
  expect(bundle.includes('UNABLE_TO_VERIFY_LEAF_SIGNATURE')).toBe(false)
  expect(bundle.includes('neverConnected')).toBe(true)
})

it('signs the user in, keeps the session in the keychain, refreshes once, and signs out', async () => {
  expect(await start().signIn()).toBe(true)
  const restarted = start()
  expect(await restarted.loadUserName()).toBe('Ann Lee')
  const before = countGrants()
  emulator.clock.advance(2 * 3_600_000)
  const names = await Promise.all(Array.from({ length: 20 }, () => restarted.loadUserName()))
  expect(new Set(names)).toEqual(new Set(['Ann Lee']))
  const { authorization_code, refresh_token = 0 } = before
  expect(countGrants()).toEqual({ authorization_code, refresh_token: refresh_token + 1 })
  expect(emulator.invalidTokenUses.refresh).toBe(0)
  expect(await restarted.signOut()).toBe(true)
  expect([...items.values()].join('')).not.toContain('eyJ')
  await expect(start().loadUserName()).rejects.toMatchObject({ code: 'LoginRequired', cause: 'signed_out' })
})

it('the authorization request has a code challenge of PKCE', async () => {
  let challenge: string | null = null
  browse = (url) => {
    const { searchParams } = new URL(url)
    challenge = searchParams.get('code_challenge')
    expect(searchParams.get('code_challenge_method')).toBe('S256')
    return approve(url)
  }
  expect(await start().signIn()).toBe(true)
  expect(challenge).toMatch(/^[\w-]{43}$/)
})

it('returns false if the user closes the browser', async () => {
  browse = async () => ({ type: 'cancel' })
  expect(await start().signIn()).toBe(false)
})

it.each([
  ['another sign-in', `${redirect_uri}?code=c&state=forged`, 'StateMismatch'],
  ['another application', 'com.example.other:/callback?code=c&state=forged', 'RedirectUriMismatch'],
  ['another path', 'com.example.app:/elsewhere?code=c&state=forged', 'RedirectUriMismatch'],
])('rejects the callback of %s', async (_name, url, code) => {
  browse = async () => ({ type: 'success', url })
  await expect(start().signIn()).rejects.toMatchObject({ code, outcome: 'not-sent' })
})
