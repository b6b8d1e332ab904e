import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { defaultApps, type RunningEmulator, startEmulator } from '@pds/emulator'
import type { Session } from '@pds/session'
import { build, type Format } from 'esbuild'
import { type Browser, type BrowserContext, browserIsMissing, launchBrowser, type Page } from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ExampleProcess, examples, jwtAppEnvironment } from '../../../docs/src/examples/example-process.ts'

/* The page of the browser guide in a real browser, with the emulator and the guide's back end. */

const folder = path.join(examples, 'browser-page')
const hours = 3_600_000

describe.skipIf(browserIsMissing)(`the page of the browser guide ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let emulator: RunningEmulator
  let server: Server
  let origin: string
  let backEnd: ExampleProcess
  let context: BrowserContext
  let page: Page
  let problems: string[]

  beforeAll(async () => {
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const apps = defaultApps.map((app) =>
      app.type === 'browser' ? { ...app, redirect_uris: [`${origin}/callback`] } : app,
    )
    const users = [{ user_id: 'ann', user_name: 'Ann Lee' }]
    ;[browser, emulator] = await Promise.all([
      launchBrowser(),
      startEmulator({ domain_id: 'bj1', apps, users }),
    ])
    backEnd = new ExampleProcess('express/server.ts', {
      PORT: '0',
      APP_ORIGIN: origin,
      ...jwtAppEnvironment(emulator),
    })
    const port = await backEnd.waitForOutput(/listening on port (\d+)/)
    const [main, guide] = await Promise.all([
      bundle('main.ts', { format: 'esm' }),
      bundle('open-back-end-session.ts', { format: 'iife', globalName: 'guide' }),
    ])
    const html = readFileSync(path.join(folder, 'index.html'), 'utf8')
    const files: Record<string, [type: string, text: string]> = {
      '/main.ts': ['text/javascript', main],
      '/guide.js': ['text/javascript', guide],
      '/own-back-end': ['text/html', '<!doctype html><title>A page</title><script src="/guide.js"></script>'],
    }
    const index = html.replace('https://bj1.api.aliyunpds.com', emulator.api_endpoint)
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (request.method === 'POST') return void forward(request, response, `http://127.0.0.1:${port}`)
      const [type, text] = files[request.url ?? ''] ?? ['text/html', index]
      response.setHeader('content-type', `${type}; charset=utf-8`).setHeader('referrer-policy', 'no-referrer')
      response.end(text)
    })
  })

  beforeEach(async () => {
    problems = []
    context = await browser.newContext()
    page = await context.newPage()
    page.on('pageerror', (error) => void problems.push(String(error)))
    page.on('console', (message) => void problems.push(message.text()))
  })

  afterEach(() => context.close())

  afterAll(async () => {
    await browser?.close()
    await backEnd?.stop()
    await emulator?.close()
    server?.close()
    server?.closeAllConnections()
  })

  const status = (text: string, on = page) =>
    on.getByRole('status').getByText(text, { exact: true }).waitFor()
  const button = (name: string, on = page) => on.getByRole('button', { name, exact: true })

  async function approve(on: Page): Promise<void> {
    await on.getByRole('button', { name: /Ann Lee/ }).click()
    await on.getByRole('button', { name: 'Allow' }).click()
  }

  it('signs the user in by redirect and out in all tabs', async () => {
    await page.goto(origin)
    await status('Signed out')
    const other = await context.newPage()
    await other.goto(origin)
    await status('Signed out', other)
    await button('Sign in').click()
    await approve(page)
    await status('Signed in as Ann Lee')
    await status('Signed in as Ann Lee', other)
    expect(new URL(page.url()).search).toBe('')
    await page.reload()
    await status('Signed in as Ann Lee')
    await button('Sign out', other).click()
    await status('Signed out')
    // The tabs are signed out before the token is revoked.
    const revocations = () =>
      emulator.requests.filter(({ method, path }) => method === 'POST' && path === '/v2/account/revoke')
    await expect.poll(() => revocations().map(({ status }) => status)).toEqual([204])
    expect(problems).toEqual([])
  })

  it('signs the user in by popup, also after a popup was closed', async () => {
    await page.goto(origin)
    await status('Signed out')
    const [closed] = await Promise.all([page.waitForEvent('popup'), button('Sign in in a popup').click()])
    await closed.getByRole('button', { name: /Ann Lee/ }).waitFor()
    await closed.close()
    const [popup] = await Promise.all([page.waitForEvent('popup'), button('Sign in in a popup').click()])
    await approve(popup)
    await status('Signed in as Ann Lee')
    expect(problems).toEqual([])
  })

  it('gets its token from its own back end, and a new token after expiry', async () => {
    await page.goto(`${origin}/own-back-end`)
    const call = () =>
      page.evaluate(async (api_endpoint) => {
        const globals = globalThis as unknown as { session?: Session; guide: Guide }
        globals.session ??= globals.guide.openBackEndSession(api_endpoint)
        try {
          const response = await globals.session.fetch(`${api_endpoint}/v2/user/get`, { method: 'POST' })
          const { refresh_token, access_token } = await globals.session.getToken()
          return { user: (await response.json()).user_name, refresh_token, access_token }
        } catch (error) {
          return { code: (error as { code?: string }).code }
        }
      }, emulator.api_endpoint)
    expect(await call()).toEqual({ code: 'LoginRequired' })
    await page.evaluate(async () => {
      const headers = { 'content-type': 'application/json' }
      await fetch('/login', { method: 'POST', headers, body: JSON.stringify({ user_id: 'ann' }) })
    })
    const first = await call()
    expect(first).toMatchObject({ user: 'Ann Lee', refresh_token: undefined })
    emulator.clock.advance(3 * hours)
    const second = await call()
    expect(second).toMatchObject({ user: 'Ann Lee' })
    expect(second).not.toEqual(first)
  })
})

type Guide = typeof import('../../../docs/examples/browser-page/open-back-end-session.ts')

async function bundle(file: string, options: { format: Format; globalName?: string }): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [path.join(folder, file)],
    bundle: true,
    platform: 'browser',
    target: 'es2022',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

/** Forwards a request to the back end, like a reverse proxy. */
async function forward(request: IncomingMessage, response: ServerResponse, to: string): Promise<void> {
  const { host: _host, connection: _connection, ...headers } = request.headers
  const body = Buffer.concat(await request.toArray())
  const forwarded = await fetch(to + request.url, { method: 'POST', headers: headers as HeadersInit, body })
  response.writeHead(
    forwarded.status,
    [...forwarded.headers].filter(([name]) => name !== 'transfer-encoding').flat(),
  )
  response.end(Buffer.from(await forwarded.arrayBuffer()))
}
