import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { generate } from 'selfsigned'
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Profiles } from '../profile/profiles.ts'
import { Home, runHere, startDomain, startService } from './command-process.test-helper.ts'
import { run } from './doctor.ts'
import { run as logout } from './logout.ts'
import { run as token } from './token.ts'

beforeEach(() => {
  const names = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy', 'node_use_env_proxy', 'node_options']
  for (const name of names.flatMap((each) => [each, each.toUpperCase()])) vi.stubEnv(name, undefined)
})

afterEach(() => {
  vi.unstubAllEnvs()
})

interface Found {
  name: string
  state: string
  text: string
  advice: string | null
}

/** Runs `pds doctor --json`. Returns the exit code, and the checks by name. */
async function examine(home: Home, options: Record<string, string> = {}) {
  vi.stubEnv('PDS_HOME', home.folder)
  const { code, stdout } = await runHere(run, options, true)
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Found[] }
  expect(ok).toBe(code === 0)
  return { code, checks: Object.fromEntries(checks.map((check) => [check.name, check])) }
}

/** The checks of a state. */
function names(checks: Record<string, Found>, state: string): string[] {
  return Object.values(checks)
    .filter((check) => check.state === state)
    .map(({ name }) => name)
}

/** Starts a server for one test. Returns its URL. */
async function listen(server: Server, scheme = 'http'): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `${scheme}://localhost:${(server.address() as AddressInfo).port}`
}

function writeUser(home: Home, api_endpoint: string): void {
  const profiles = new Profiles(home.folder)
  profiles.write('me', { type: 'user', api_endpoint, client_id: 'app' })
  profiles.select('me')
}

describe('pds doctor', () => {
  it('finds nothing wrong, and sends one request without a token', async () => {
    const { home, emulator } = await startService()
    vi.stubEnv('PDS_HOME', home.folder)
    const { stdout } = await runHere(token, {})
    emulator.clearRequests()
    const { code, checks } = await examine(home)
    expect(names(checks, 'ok')).toHaveLength(12)
    expect(code).toBe(0)
    expect(emulator.requests).toMatchObject([{ path: '/v2/user/get', status: 401 }])
    expect(JSON.stringify(checks)).not.toContain(stdout.trim())
  })

  it('works without a profile, and creates nothing', async () => {
    const home = new Home()
    const { code, checks } = await examine(home)
    expect(code).toBe(0)
    expect(names(checks, 'ok')).toEqual(['versions', 'files', 'proxy'])
    expect(checks.profile?.text).toContain('pds login')
    expect(readdirSync(home.folder)).toEqual([])
    rmSync(home.folder, { recursive: true })
    expect((await examine(home)).checks.files).toMatchObject({ state: 'skip' })
  })

  it('writes lines for people, in their language', async () => {
    const home = new Home()
    writeUser(home, 'http://127.0.0.1:1')
    vi.stubEnv('PDS_HOME', home.folder)
    const { code, stdout, stderr } = await runHere(run, {}, false, 'zh')
    expect(code).toBe(1)
    expect(stdout).toContain('✗ 连接：无法连接 127.0.0.1:1（ECONNREFUSED）\n    请检查')
    expect(stdout).toContain('- 时钟：未检查：请参见“连接”\n')
    expect(stderr).toContain('1 项检查失败。')
  })
})

describe('pds doctor finds', () => {
  // A folder with a token, that another process has written: this one would keep the store open.
  let template: Home
  let emulator: RunningEmulator

  beforeAll(async () => {
    template = new Home(mkdtempSync(path.join(tmpdir(), 'pds-cli-')))
    emulator = await startEmulator()
    template.writeService(emulator)
    await template.pds('token')
    return async () => {
      await emulator.close()
      rmSync(template.folder, { recursive: true })
    }
  })

  it.each([
    [
      'a damaged profile',
      (home: Home) => void home.write('profiles/jobs.json', '{'),
      'profile',
      'is damaged',
    ],
    [
      'an invalid endpoint',
      (home: Home) => writeUser(home, 'ftp://localhost'),
      'profile',
      'the URL of the service in me is invalid',
    ],
    ['a damaged key', (home: Home) => void home.write('key.json', '{'), 'key', 'the key cannot be read'],
    ['a missing key', (home: Home) => rmSync(home.file('key.json')), 'key', 'cannot be decrypted'],
    [
      'a damaged store',
      (home: Home) => void home.write('sessions.db', 'x'.repeat(4096)),
      'store',
      'not a database',
    ],
    [
      'another key',
      (home: Home) => {
        const key = Buffer.alloc(32, 1).toString('base64')
        home.write('key.json', JSON.stringify({ format: 1, place: 'file', key }))
      },
      'sign_in',
      'DecryptionFailed',
    ],
    [
      'a key that others can read',
      (home: Home) => chmodSync(home.file('key.json'), 0o644),
      'files',
      'other users have access',
    ],
    ['a missing private key', (home: Home) => rmSync(home.file('key.pem')), 'private_key', 'ENOENT'],
    [
      'a public key instead of the private key',
      (home: Home) => void home.write('key.pem', '-----BEGIN PUBLIC KEY-----'),
      'private_key',
      'has no private key',
    ],
    ['an encrypted private key', (home: Home) => writeKey(home, 'rsa', 'x'), 'private_key', 'passphrase'],
    ['a private key of another type', (home: Home) => writeKey(home, 'ec'), 'private_key', 'RSA key'],
  ])('%s', async (_, damage, name, text) => {
    const home = new Home()
    cpSync(template.folder, home.folder, { recursive: true })
    home.writeService(emulator)
    damage(home)
    const { code, checks } = await examine(home)
    expect(names(checks, 'fail')).toEqual([name])
    expect(checks[name]?.text).toContain(text)
    expect(code).toBe(1)
  })

  it('a profile that does not exist', async () => {
    const { home } = await startService()
    expect((await examine(home, { profile: 'nope' })).checks.profile).toMatchObject({ state: 'fail' })
  })

  it('modes that let others write or read, as warnings', async () => {
    const { home } = await startService()
    chmodSync(home.file('profiles'), 0o777)
    chmodSync(home.file('key.pem'), 0o640)
    const { code, checks } = await examine(home)
    expect(names(checks, 'warn')).toEqual(['files', 'private_key'])
    expect(checks.files?.advice).toBe(`Run: chmod go-w ${home.file('profiles')}`)
    expect(code).toBe(0)
  })

  it('a sign-in that is missing, ended or signed out', async () => {
    const emulator = await startDomain()
    const home = new Home()
    writeUser(home, emulator.api_endpoint)
    expect((await examine(home)).checks.sign_in).toMatchObject({ state: 'warn', text: 'not signed in yet' })
    await home.signInUser(emulator)
    expect((await examine(home)).checks.sign_in).toMatchObject({ state: 'ok' })
    emulator.endSessions()
    home.moveClock(3 * 3_600_000)
    emulator.clock.advance(3 * 3_600_000)
    await expect(runHere(token, {})).rejects.toMatchObject({ code: 'LoginRequired' })
    expect((await examine(home)).checks.sign_in).toMatchObject({
      state: 'fail',
      text: expect.stringContaining('rejected'),
    })
    rmSync(home.file('clock-me.json'))
    await home.signInUser(emulator)
    await runHere(logout, {})
    expect((await examine(home)).checks.sign_in).toMatchObject({ state: 'warn', text: 'signed out' })
  })

  it('a sign-in of another user than --user names', async () => {
    const emulator = await startDomain()
    const home = new Home()
    await home.signInUser(emulator)
    expect((await examine(home, { user: 'user-1' })).checks.sign_in).toMatchObject({ state: 'ok' })
    expect((await examine(home, { user: 'bob' })).checks.sign_in).toMatchObject({
      state: 'fail',
      text: expect.stringContaining('is signed in as another user (user-1).'),
    })
  })

  it('a clock that is wrong, in both directions', async () => {
    const { home, emulator } = await startService()
    emulator.clock.advance(300_500)
    expect((await examine(home)).checks.clock?.text).toMatch(/^00:05:0\d behind the service$/)
    emulator.injectFault({ type: 'date', skew: -90_000_000 })
    expect((await examine(home)).checks.clock?.text).toMatch(/^1 d 00:5[45]:\d\d ahead of the service$/)
  })

  it('a page of a captive portal, and a redirect to it', async () => {
    const { home, emulator } = await startService()
    emulator.injectFault({ type: 'html' })
    expect((await examine(home)).checks.endpoint?.text).toContain(
      'does not look like PDS (status 200, text/html',
    )
    emulator.injectFault({ type: 'redirect', location: 'http://portal.test/login' })
    const { checks } = await examine(home)
    expect(checks.endpoint?.text).toContain('→ portal.test')
    expect(checks.clock?.state).toBe('skip')
  })

  it('a failure of the service', async () => {
    const { home, emulator } = await startService()
    emulator.injectFault({ type: 'status', status: 503 })
    expect((await examine(home)).checks.endpoint).toMatchObject({ state: 'warn' })
    emulator.injectFault({ type: 'drop' })
    expect((await examine(home)).checks.endpoint?.text).toMatch(/^no response arrived \(UND_ERR_SOCKET\)$/)
  })

  it('a server without TLS, and a certificate of an unknown authority', async () => {
    const home = new Home()
    const plain = await listen(createServer((_, response) => response.end()))
    writeUser(home, plain.replace('http:', 'https:'))
    expect((await examine(home)).checks.connection?.text).toContain('the TLS handshake')
    const extensions = [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }]
    const { private: key, cert } = await generate([{ name: 'organizationName', value: 'Example' }], {
      keyType: 'ec',
      extensions,
    } as never)
    writeUser(home, await listen(createTlsServer({ key, cert }), 'https'))
    const { code, checks } = await examine(home)
    expect(checks.connection?.text).toContain(
      'does not trust the certificate, issued by Example (DEPTH_ZERO_SELF_SIGNED_CERT)',
    )
    expect(checks.connection?.advice).toContain('NODE_EXTRA_CA_CERTS')
    expect([code, ...names(checks, 'skip')]).toEqual([1, 'key', 'store', 'private_key', 'endpoint', 'clock'])
  })

  it('a name without an address, and a service without TLS', async () => {
    const home = new Home()
    writeUser(home, 'http://pds-doctor.invalid')
    const { checks } = await examine(home)
    expect(checks.profile).toMatchObject({ state: 'warn', text: expect.stringContaining('Without https:') })
    expect(checks.dns?.text).toMatch(/^pds-doctor\.invalid has no address \(E/)
    expect(checks.connection?.text).toBe('not checked: see "DNS"')
  })

  it('a proxy that does not listen', async () => {
    const { home } = await startService()
    vi.stubEnv('http_proxy', 'http://user:secret@127.0.0.1:1')
    vi.stubEnv('NODE_USE_ENV_PROXY', '1')
    const { checks } = await examine(home)
    expect(checks.connection?.text).toBe('127.0.0.1:1 cannot be reached (ECONNREFUSED)')
    expect(JSON.stringify(checks)).not.toContain('secret')
  })
})

function writeKey(home: Home, type: 'rsa' | 'ec', passphrase?: string): void {
  const options = { modulusLength: 2048, namedCurve: 'P-256' }
  const { privateKey } = generateKeyPairSync(type as 'rsa', options)
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }
  writeFileSync(
    home.file('key.pem'),
    privateKey.export({ type: 'pkcs8', format: 'pem', ...encryption } as never),
  )
}
