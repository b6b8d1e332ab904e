import { getEventListeners } from 'node:events'
import { inspect } from 'node:util'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { build } from 'esbuild'
import { runInRealm } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { repository } from './repository.ts'

/*
 * Bundles the packages for browsers and runs them in a realm with the globals of a page and without those of Node.js:
 * no process, no Buffer, no require.
 */

const redirect_uri = 'http://127.0.0.1:5173/callback'
let emulator: RunningEmulator

beforeAll(async () => {
  emulator = await startEmulator()
})

afterAll(() => emulator.close())

async function bundle(
  contents: string,
  conditions: string[] = [],
): Promise<{ code: string; modules: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: `${repository}/tooling/e2e` },
    bundle: true,
    format: 'iife',
    globalName: 'exported',
    platform: 'browser',
    conditions,
    target: 'es2022',
    metafile: true,
    write: false,
  })
  return { code: outputFiles[0]?.text ?? '', modules: Object.keys(metafile.inputs) }
}

function runInPage(code: string): unknown {
  return runInRealm(code).exported
}

it('a bundle of @pds/client contains neither jose nor node: imports', async () => {
  const { code, modules } = await bundle("export { PDSClient } from '@pds/client'")
  expect(code).not.toMatch(/["'`]node:/)
  expect(modules.filter((module) => module.includes('/jose/'))).toEqual([])
  // Proves that the check can fail: the bundle contains ky.
  expect(modules.some((module) => module.includes('/ky/'))).toBe(true)
})

it('an error in a page names the usual reasons if the browser tells none', async () => {
  const { code } = await bundle("export { createTransport } from '@pds/core'")
  const { createTransport } = runInPage(code) as typeof import('@pds/core')
  const failWith = (error: Error) => {
    const fetch = () => Promise.reject(error)
    const transport = createTransport({ api_endpoint: 'https://bj1.test', fetch, retryCount: 0 })
    return transport.post({ endpoint: 'api', path: '/x', format: 'json', params: {}, read: () => undefined })
  }
  await expect(failWith(new TypeError('Load failed'))).rejects.toMatchObject({
    code: 'NetworkError',
    outcome: 'unknown',
    message:
      'the connection to https://bj1.test failed (TypeError: Load failed): ' +
      'usual reasons are CORS, mixed content, blocked, offline',
  })
  // Tests in jsdom use the same build with the fetch of Node.js.
  await expect(failWith(new TypeError('fetch failed', { cause: new Error('why') }))).rejects.toMatchObject({
    message: 'the connection to https://bj1.test failed (Error: why)',
  })
})

it('PDSClient works in a page, except for its two signing methods', async () => {
  const { code } = await bundle("export { PDSClient } from '@pds/client'")
  const { PDSClient } = runInPage(code) as typeof import('@pds/client')
  const { client_id, private_key_pem = '' } = emulator.app('jwt')
  const key = { domain_id: emulator.domain_id, client_id, private_key_pem }
  const page = new PDSClient({ api_endpoint: emulator.api_endpoint })

  const unsupported = { name: 'PDSError', code: 'UnsupportedEnvironment', outcome: 'not-sent' }
  const before = emulator.requests.length
  await expect(page.getUserJwtToken({ ...key, user_id: 'user-1' })).rejects.toMatchObject(unsupported)
  await expect(page.getServiceJwtToken(key)).rejects.toMatchObject(unsupported)
  expect(emulator.requests).toHaveLength(before)

  const app = { client_id: 'browser-app', redirect_uri }
  const signedIn = await page.getTokenByCode({
    ...app,
    code: emulator.createCode({ client_id: app.client_id }),
  })
  expect(signedIn).toMatchObject({ user_id: 'user-1', expires_in: 7200 })
  const refreshed = await page.refreshToken({ ...app, refresh_token: signedIn.refresh_token ?? '' })
  expect(refreshed.access_token).not.toBe(signedIn.access_token)

  const { PDSClient: ServerClient } = await import('@pds/client')
  const server = new ServerClient({ api_endpoint: emulator.api_endpoint })
  const { refresh_token = '' } = await server.getUserJwtToken({ ...key, user_id: 'user-1' })
  expect(await page.refreshJwtToken({ client_id, refresh_token })).toMatchObject({ user_id: 'user-1' })
  await expect(page.refreshJwtToken({ client_id, refresh_token })).rejects.toMatchObject({
    code: 'InvalidParameter.RefreshToken',
  })
})

it('an encrypted session works in a page', async () => {
  const { code, modules } = await bundle(
    "export * from '@pds/session'; export { oauthGrant } from '@pds/auth-oauth'; export { createTransport } from '@pds/core'",
  )
  expect(code).not.toMatch(/["'`]node:/)
  expect(modules.filter((module) => module.includes('/jose/'))).toEqual([])
  const page = runInPage(code) as typeof import('@pds/session') &
    typeof import('@pds/auth-oauth') &
    typeof import('@pds/core')

  const { api_endpoint } = emulator
  const app = { client_id: 'browser-app', redirect_uri }
  const transport = page.createTransport({ api_endpoint, clock: () => emulator.clock.now() })
  const session = page.createSession({
    key: 'me',
    grant: page.oauthGrant({ transport, ...app }),
    store: page.encryptedStore(page.memoryStore(), new Uint8Array(32)),
  })
  const body = new URLSearchParams({
    ...app,
    grant_type: 'authorization_code',
    code: emulator.createCode({ client_id: app.client_id }),
  })
  const signedIn = await (await fetch(`${api_endpoint}/v2/oauth/token`, { method: 'POST', body })).json()
  await session.setToken(signedIn)
  expect(await session.getAccessToken()).toBe(signedIn.access_token)
  emulator.clock.advance(2 * 3_600_000)
  const response = await session.fetch(`${api_endpoint}/v2/user/get`, { method: 'POST' })
  expect(await response.json()).toMatchObject({ user_id: 'user-1' })
  expect(await session.signOut()).toEqual({ revoked: true })
  await expect(session.getToken()).rejects.toMatchObject({ code: 'LoginRequired', cause: 'signed_out' })
})

it('a bundle of @pds/session-web contains no node: imports', async () => {
  const { code } = await bundle("export * from '@pds/session-web'")
  expect(code).toContain('indexedDB')
  expect(code).not.toMatch(/["'`]node:/)
})

describe('the transport of a page', () => {
  const contents =
    "export { createTransport } from '@pds/core'\nexport { requestToken } from '@pds/core/internal'"
  const request = { path: '/oauth/token', format: 'form', params: { code: 'canary-code' } } as const

  async function inPage() {
    const { code } = await bundle(contents)
    return runInPage(code) as unknown as typeof import('@pds/core') & typeof import('@pds/core/internal')
  }

  // From the connection errors, the user-agent header and the hints for options and texts.
  const serverOnlyTexts = [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'pds-core/',
    "configure it in the transport's fetch",
    'did you mean ',
    'ends with ${',
  ]

  it.each([
    [[], false],
    [['workerd', 'worker'], true],
    [['edge-light'], true],
    [['react-native'], false],
  ])(
    'contains server-only code only under the conditions of workers and edge functions: %j',
    async (conditions, isServer) => {
      const { code } = await bundle(contents, conditions)
      expect(serverOnlyTexts.map((text) => code.includes(text))).toEqual(serverOnlyTexts.map(() => isServer))
    },
  )

  it('rejects unknown options by name', async () => {
    const page = await inPage()
    const fetch = vi.fn()
    const transport = page.createTransport({ api_endpoint: emulator.api_endpoint, fetch })
    const proxy = { proxy: { host: 'elsewhere.test' } } as object
    await expect(page.requestToken(transport, request, proxy)).rejects.toMatchObject({
      code: 'InvalidParameter',
      outcome: 'not-sent',
      message: expect.stringMatching(
        /^post: options\.proxy is not supported: the names are headers, params, .*, keepalive$/,
      ),
    })
    expect(() => page.createTransport({ api_endpoint: emulator.api_endpoint, ...proxy })).toThrow(
      /^createTransport: proxy is not supported: the names are domain_id, /,
    )
    expect(fetch).not.toHaveBeenCalled()
  })

  it('rejects control characters and whitespace at the ends, without details', async () => {
    const contents =
      "export { refreshToken } from '@pds/auth-oauth'\nexport { createTransport } from '@pds/core'"
    const page = runInPage((await bundle(contents)).code) as typeof import('@pds/auth-oauth') &
      typeof import('@pds/core')
    const transport = page.createTransport({ api_endpoint: emulator.api_endpoint })
    const app = { client_id: 'browser-app', redirect_uri }
    for (const refresh_token of ['canary\n', ' canary', 'can\0ary', '\ufeffcanary']) {
      await expect(page.refreshToken(transport, { ...app, refresh_token })).rejects.toMatchObject({
        code: 'InvalidParameter',
        outcome: 'not-sent',
        message:
          'refreshToken: refresh_token must be a non-empty string (received a string that has control characters or outer whitespace)',
      })
    }
    const misspelled = { ...app, refreshToken: 'canary' } as unknown as typeof app & { refresh_token: string }
    await expect(page.refreshToken(transport, misspelled)).rejects.toThrow(
      'refreshToken: refreshToken is not supported: the names are client_id, client_secret, client_auth, redirect_uri, refresh_token',
    )
  })

  it.each(['canary secret/', 'canary+secret%2F', btoa('app:canary+secret%2F')])(
    'sends a secret in the authorization header, and hides it if a response contains %j',
    async (echo) => {
      const page = await inPage()
      const sent: unknown[] = []
      const fetch = async (_url: string, { headers, body }: { headers: object; body: string }) => {
        sent.push(headers, body)
        return Response.json({ error: 'invalid_client', error_description: `not ${echo}` }, { status: 401 })
      }
      const transport = page.createTransport({ api_endpoint: emulator.api_endpoint, fetch })
      const client = { client_id: 'app', client_secret: 'canary secret/' }
      const params = { grant_type: 'refresh_token' }
      const error = await page
        .requestToken(transport, { ...request, params, client })
        .catch((reason) => reason)
      const authorization = `Basic ${btoa('app:canary+secret%2F')}`
      expect(sent).toEqual([expect.objectContaining({ authorization }), 'grant_type=refresh_token'])
      expect(error).toMatchObject({ code: 'invalid_client', outcome: 'responded' })
      expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)).not.toContain(echo)
      expect(error.message).toMatch(/^\*\*\* \(check client_id, client_secret and client_auth\)/)
    },
  )

  it('treats each failed connection as an unknown outcome', async () => {
    const page = await inPage()
    const connectionError = Object.assign(new TypeError('canary'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    })
    const fetch = vi.fn(() => Promise.reject(connectionError))
    const transport = page.createTransport({ api_endpoint: emulator.api_endpoint, fetch })
    await expect(page.requestToken(transport, request)).rejects.toMatchObject({
      code: 'NetworkError',
      outcome: 'unknown',
    })
    expect(fetch).toHaveBeenCalledOnce()
  })

  it('sends no user-agent and removes its abort listeners after a call', async () => {
    const page = await inPage()
    const { signal } = new AbortController()
    const sent: Record<string, string>[] = []
    const transport = page.createTransport({
      api_endpoint: emulator.api_endpoint,
      fetch: async (_url, { headers }) => {
        sent.push(headers)
        expect(getEventListeners(signal, 'abort').length).toBeGreaterThan(0)
        return Response.json({ access_token: 'canary-token' })
      },
    })
    await page.requestToken(transport, request, { signal })
    expect(sent.map(({ accept, 'user-agent': name }) => [accept, name])).toEqual([
      ['application/json', undefined],
    ])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  // The fetch of a page cannot set this header. A custom fetch, jsdom and edge functions can, and they use this build.
  it('redacts the cookies of the request', async () => {
    const page = await inPage()
    const data = { code: 'ForbiddenX', message: 'no sid=Q7XF2LMZ', Message: 'dark-theme' }
    const transport = page.createTransport({
      api_endpoint: emulator.api_endpoint,
      fetch: async () => Response.json(data, { status: 403 }),
    })
    const headers = { cookie: 'theme=dark; sid=q7Xf2LmZ9Kd4==' }
    await expect(page.requestToken(transport, request, { headers })).rejects.toMatchObject({
      message: '*** [status: 403] [code: ForbiddenX]',
      response: { data: { ...data, message: '***' } },
    })
  })

  it('aborts with its signal', async () => {
    const page = await inPage()
    const controller = new AbortController()
    const transport = page.createTransport({
      api_endpoint: emulator.api_endpoint,
      fetch: () => {
        controller.abort()
        return new Promise(() => undefined)
      },
    })
    await expect(page.requestToken(transport, request, { signal: controller.signal })).rejects.toMatchObject({
      code: 'Aborted',
      outcome: 'unknown',
    })
  })
})

it.each([
  ['@pds/auth-oauth', 'refreshToken', 'authorization_code'],
  ['@pds/auth-oauth', 'refreshToken', 'which no endpoint has'],
  ['@pds/auth-oauth', 'getTokenByCode', 'path: "/account/token"'],
  ['@pds/auth-oauth', 'parseCallback', 'pds.sign-in'],
  ['@pds/auth-jwt', 'refreshJwtToken', 'UnsupportedEnvironment'],
  ['@pds/client', 'PDSClient', 'pds.sign-in'],
])('a bundle of %s with only %s does not contain %j', async (name, method, unused) => {
  const { code } = await bundle(`export { ${method} } from '${name}'`)
  expect(code).toContain(method)
  expect(code).not.toContain(unused)
  expect((await bundle(`export * from '@pds/client'`)).code).toContain(unused)
})
