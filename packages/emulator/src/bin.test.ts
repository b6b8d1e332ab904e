import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const bin = fileURLToPath(new URL('../dist/bin.js', import.meta.url))

function run(...args: string[]): ChildProcess {
  return spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function runToEnd(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = run(...args)
  const streams = [child.stdout, child.stderr].map((stream) => text(stream as NodeJS.ReadableStream))
  const [[code], out = '', err = ''] = await Promise.all([once(child, 'close'), ...streams])
  return { code: code as number, out, err }
}

/** Starts the emulator with `--json`. Returns what it prints. */
async function startJson(...args: string[]): Promise<{ child: ChildProcess; json: StartupJson }> {
  const child = run('--port', '0', '--json', ...args)
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line')
  return { child, json: JSON.parse(line) }
}

interface StartupJson {
  api_endpoint: string
  port: number
  apps: { client_id: string; private_key_pem?: string }[]
}

async function control(api_endpoint: string, path: string, json: unknown) {
  const response = await fetch(`${api_endpoint}/_emulator/${path}`, {
    method: 'POST',
    body: JSON.stringify(json),
    headers: { 'content-type': 'application/json' },
  })
  return { status: response.status, body: await response.json() }
}

async function postForm(api_endpoint: string, form: Record<string, string>) {
  const body = new URLSearchParams(form)
  return (await fetch(`${api_endpoint}/v2/oauth/token`, { method: 'POST', body })).json()
}

/** Starts the emulator. Returns its startup text up to the URL of the sign-in page. */
async function start(...args: string[]): Promise<{ child: ChildProcess; table: string }> {
  const child = run('--port', '0', ...args)
  let table = ''
  for await (const chunk of child.stdout as NodeJS.ReadableStream) {
    table += chunk
    if (table.includes('/v2/oauth/authorize?')) break
  }
  return { child, table }
}

interface Pasted {
  api_endpoint: string
  domain_id: string
  user_id: string
  jwt_app: Record<string, string>
  webserver_app: Record<string, string>
  native_app: Record<string, string>
  browser_app: Record<string, string>
}

function paste(table: string): Pasted {
  const code = table.split('\n').filter((line) => line.startsWith('const '))
  const names = 'api_endpoint, domain_id, user_id, jwt_app, webserver_app, native_app, browser_app'
  return new Function(`${code.join('\n')}\nreturn { ${names} }`)() as Pasted
}

it.each(['SIGINT', 'SIGTERM'] as const)('prints code to paste, and stops cleanly on %s', async (signal) => {
  const { child, table } = await start()
  const pasted = paste(table)
  const urls = [...table.matchAll(/^http:\S+$/gm)].map(([url]) => url)
  expect(urls[0]).toBe(`${pasted.api_endpoint}/`)
  const signIn = await fetch(urls[1] ?? '', { headers: { accept: 'text/html' } })
  expect([signIn.status, await signIn.text()]).toEqual([200, expect.stringContaining('<h1>Sign in</h1>')])
  expect(pasted).toMatchObject({
    api_endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    domain_id: 'local',
    user_id: 'user-1',
    jwt_app: { client_id: 'jwt-app', private_key_pem: expect.stringContaining('BEGIN PRIVATE KEY') },
    webserver_app: { client_secret: 'webserver-app-secret', redirect_uri: 'http://127.0.0.1:3000/callback' },
    native_app: { client_id: 'native-app' },
    browser_app: { client_id: 'browser-app' },
  })
  const response = await fetch(`${pasted.api_endpoint}/v2/user/get`, { method: 'POST' })
  expect(response.status).toBe(401)
  child.kill(signal)
  expect(await once(child, 'exit')).toEqual([0, null])
})

it('accepts a domain, users, redirect URIs and a public key', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-emulator-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'public.pem')
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }))
  const options = [
    '--domain',
    'bj1',
    '--user',
    'ann',
    '--redirect-uri',
    'https://a.test/cb',
    '--public-key',
    file,
  ]
  const { child, table } = await start(...options)
  expect(paste(table)).toMatchObject({
    domain_id: 'bj1',
    user_id: 'ann',
    jwt_app: { private_key_pem: expect.stringContaining('your own') },
    webserver_app: { redirect_uri: 'https://a.test/cb' },
  })
  child.kill()
  await once(child, 'exit')
})

it.each([
  [
    ['--grace', '3600.5'],
    [200, 200],
  ],
  [['--revoke-family'], [400, 400]],
  [[], [400, 200]],
])('handles a second use of a refresh token as configured by %j', async (args, expected) => {
  const { child, table } = await start(...args)
  const { api_endpoint, user_id, native_app } = paste(table)
  const client = { client_id: native_app.client_id ?? '', redirect_uri: native_app.redirect_uri ?? '' }
  const query = new URLSearchParams({ ...client, user_id, response_type: 'code', login_type: 'default' })
  const redirect = await fetch(`${api_endpoint}/v2/oauth/authorize?${query}`, { redirect: 'manual' })
  const code = new URL(redirect.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const post = async (form: Record<string, string>) => {
    const body = new URLSearchParams({ ...client, ...form })
    const response = await fetch(`${api_endpoint}/v2/oauth/token`, { method: 'POST', body })
    return { status: response.status, body: await response.json() }
  }
  const first = await post({ grant_type: 'authorization_code', code })
  const refresh = ({ body }: typeof first) =>
    post({ grant_type: 'refresh_token', refresh_token: body.refresh_token })
  const next = await refresh(first)
  const again = await refresh(first)
  expect([again.status, (await refresh(next)).status]).toEqual(expected)
  child.kill()
  await once(child, 'exit')
})

describe('with --state and --key', () => {
  it('keeps keys, users and tokens between starts', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'pds-emulator-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const [stateFile, keyFile] = [path.join(folder, 'state.json'), path.join(folder, 'key.pem')]
    const startAgain = async () => {
      const { child, json } = await startJson('--state', stateFile, '--key', keyFile)
      const [jwt, , native] = json.apps
      return { child, json, jwt, native }
    }
    const first = await startAgain()
    const { api_endpoint } = first.json
    const { body } = await control(api_endpoint, 'codes', { client_id: 'native-app' })
    const redirect_uri = 'http://127.0.0.1:3000/callback'
    const client = { client_id: 'native-app', redirect_uri }
    const token = await postForm(api_endpoint, { ...client, grant_type: 'code', code: body.code })
    await control(api_endpoint, 'users', { user_id: 'ann' })
    expect([statSync(stateFile).mode & 0o777, statSync(keyFile).mode & 0o777]).toEqual([0o600, 0o600])
    // The tokens are kept even if the process is killed. The user is kept because it stops cleanly.
    first.child.kill('SIGTERM')
    expect(await once(first.child, 'exit')).toEqual([0, null])
    const second = await startAgain()
    expect(second.jwt?.private_key_pem).toBe(first.jwt?.private_key_pem)
    const form = { ...client, grant_type: 'refresh_token', refresh_token: token.refresh_token }
    const next = await postForm(second.json.api_endpoint, form)
    expect(next).toMatchObject({ user_id: 'user-1', is_first_login: false })
    second.child.kill('SIGKILL')
    await once(second.child, 'exit')
    const third = await startAgain()
    const users = await (await fetch(`${third.json.api_endpoint}/_emulator/users`)).json()
    expect(users.map(({ user_id }: { user_id: string }) => user_id)).toEqual(['user-1', 'ann'])
    const again = await postForm(third.json.api_endpoint, { ...form, refresh_token: next.refresh_token })
    expect(again).toMatchObject({ user_id: 'user-1' })
    third.child.kill()
    await once(third.child, 'exit')
    writeFileSync(stateFile, '{')
    expect((await runToEnd('--port', '0', '--state', stateFile)).err).toContain(
      'state.json is not JSON: delete it to start with an empty domain',
    )
    writeFileSync(stateFile, '{}')
    expect((await runToEnd('--port', '0', '--state', stateFile)).err).toContain(
      'state must be what exportState',
    )
  })
})

it('prints its configuration as JSON', async () => {
  const { child, json } = await startJson('--strict', '--user', 'ann')
  expect(json).toEqual({
    api_endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    port: Number(new URL(json.api_endpoint).port),
    pid: child.pid,
    domain_id: 'local',
    user_id: 'ann',
    apps: expect.arrayContaining([expect.objectContaining({ client_id: 'webserver-app' })]),
  })
  const jwt = {
    client_id: 'jwt-app',
    app_id: 'webserver-app',
    grant_type: 'refresh_token',
    refresh_token: 'x',
  }
  const response = await fetch(`${json.api_endpoint}/v2/account/token`, {
    method: 'POST',
    body: JSON.stringify(jwt),
    headers: { 'content-type': 'application/json' },
  })
  expect(await response.json()).toMatchObject({ code: 'InvalidParameterNotMatch' })
  child.kill()
  expect(await once(child, 'exit')).toEqual([0, null])
})

it.skipIf(process.platform === 'win32')('sets environment variables of a shell, and runs on', async () => {
  const shell = async (script: string) =>
    new Promise<string>((resolve, reject) => {
      const env = { ...process.env, NODE: process.execPath, BIN: bin }
      execFile('sh', ['-c', script], { env }, (error, out) => (error ? reject(error) : resolve(out)))
    })
  const print = `"$NODE" -e 'console.log(JSON.stringify(process.env))'`
  const read = async (args: string) =>
    JSON.parse(await shell(`eval "$("$NODE" "$BIN" --env --port 0 ${args})"; ${print}`))
  for (const [args, expected] of [
    ['', { PDS_CLIENT_ID: 'jwt-app', PDS_PRIVATE_KEY: expect.stringContaining('BEGIN PRIVATE KEY') }],
    [
      `--app webserver --user "o'neill"`,
      {
        PDS_CLIENT_ID: 'webserver-app',
        PDS_CLIENT_SECRET: 'webserver-app-secret',
        PDS_REDIRECT_URI: 'http://127.0.0.1:3000/callback',
        PDS_USER_ID: "o'neill",
      },
    ],
  ] as const) {
    const env = await read(args)
    expect(env).toMatchObject({ PDS_DOMAIN_ID: 'local', ...expected })
    const running = await fetch(`${env.PDS_API_ENDPOINT}/_emulator/`)
    expect(await running.json()).toMatchObject({ users: [{ user_id: env.PDS_USER_ID }] })
    process.kill(Number(env.PDS_EMULATOR_PID))
    await expect
      .poll(() =>
        fetch(env.PDS_API_ENDPOINT).then(
          () => 'up',
          () => 'down',
        ),
      )
      .toBe('down')
  }
})

it('ends without an error when the emulator runs in the background', async () => {
  const { code, out, err } = await runToEnd('--env', '--port', '0')
  const [, pid] = /PDS_EMULATOR_PID='(\d+)'/.exec(out) ?? []
  process.kill(Number(pid))
  expect({ code, err }).toEqual({ code: 0, err: '' })
})

it('reports why it does not start in the background', async () => {
  const { child, json } = await startJson()
  const { code, out, err } = await runToEnd('--env', '--port', String(json.port))
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('EADDRINUSE')
  child.kill()
  await once(child, 'exit')
})

it('prints its options and its version', async () => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  expect(await runToEnd('--version')).toEqual({ code: 0, out: `${JSON.parse(manifest).version}\n`, err: '' })
  const { code, out } = await runToEnd('--help')
  expect({ code, out }).toEqual({
    code: 0,
    out: expect.stringMatching(/--redirect-uri URI.*--grace SECONDS.*--revoke-family/s),
  })
})

it.each([
  [['--host', '0.0.0.0'], 'listens on this machine only'],
  [['--port', 'x'], '--port must be an integer from 0 to 65535 (received x)'],
  [['--port', '65536'], '--port must be an integer from 0 to 65535 (received 65536)'],
  [['--grace', 'x'], '--grace must be a non-negative number of seconds (received x)'],
  [['--grace=-1'], '--grace must be a non-negative number of seconds (received -1)'],
  [['--grace', '9'.repeat(400)], '--grace must be a non-negative number of seconds (received 999'],
  [['--app', 'x'], '--app must be one of jwt, webserver, native, browser (received x)'],
  [['--env', '--json'], '--env and --json are exclusive'],
  [['--key', 'a', '--public-key', 'b'], '--public-key and --key are exclusive'],
  [['--colour'], "Unknown option '--colour'"],
  [['--public-key', 'no-such-file'], 'ENOENT'],
])('rejects %j', async (args, message) => {
  const { code, out, err } = await runToEnd(...args)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain(message)
})
