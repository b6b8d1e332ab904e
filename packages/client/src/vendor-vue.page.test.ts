import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { type Browser, browserIsMissing, bundleForPage, launchBrowser, type Page } from 'shared/browser'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type * as vuePage from './vendor-vue.test-helper.ts'

/*
 * The calls of the vendor's Vue example in a real page: a client that takes its tokens from the page's own back end, which
 * signs with the key of a JWT application.
 */

declare const page: typeof vuePage

// The back end of the example is a CommonJS module.
const { PDSClient } = createRequire(import.meta.url)('@pds/client') as typeof import('@pds/client')

const html = '<!doctype html><html lang="en"><title>A page</title><script src="/script.js"></script>'

/** The errors of the service that the listener of the example tells apart, by the path that fails with them. */
const errors: Record<string, [status: number, code: string, message: string]> = {
  disabled: [401, 'TokenExpired', 'UserNotEnabled'],
  role: [403, 'Forbidden', 'UserRoleChanged'],
  forbidden: [403, 'Forbidden', 'no permission'],
  exists: [409, 'AlreadyExists', 'The resource file has already exists. file-1 is already availabe'],
  missing: [404, 'NotFound.File', 'The resource file cannot be found.'],
  invalid: [400, 'InvalidParameter', 'The input parameter token is not valid.'],
}

describe.skipIf(browserIsMissing)(`a page like the vendor's Vue example ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let emulator: RunningEmulator
  let server: Server
  let origin: string
  let tab: Page
  /** The bodies of the requests for a token. */
  let received: unknown[]

  beforeAll(async () => {
    const contents = "export * from './vendor-vue.test-helper.ts'"
    const script = await bundleForPage(contents, import.meta.dirname, 'page')
    const failing = Object.entries(errors).map(([name, [status, code, message]]) => {
      return [`/v2/${name}`, () => Response.json({ code, message }, { status })] as const
    })
    const api = {
      '/v2/drive/list_my_drives': ({ user }: { user?: { default_drive_id?: string } }) => ({
        items: [{ drive_id: user?.default_drive_id }],
      }),
      ...Object.fromEntries(failing),
    }
    ;[browser, emulator] = await Promise.all([launchBrowser(), startEmulator({ api })])
    const { api_endpoint, domain_id } = emulator
    const { client_id, private_key_pem } = emulator.app('jwt')
    const auth_endpoint = api_endpoint.replace('127.0.0.1', 'localhost')

    async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
      if (request.method === 'GET') {
        const [type, text] = request.url === '/script.js' ? ['javascript', script] : ['html', html]
        return void response.setHeader('content-type', `text/${type}; charset=utf-8`).end(text)
      }
      let text = ''
      for await (const chunk of request) text += chunk
      received.push(JSON.parse(text))
      const { user_id = 'user-1' } = JSON.parse(text)
      const params = { domain_id, user_id, client_id, private_key_pem }
      response.setHeader('content-type', 'application/json')
      try {
        const client = new PDSClient({ api_endpoint, auth_endpoint })
        const token = await client.getUserJwtToken(params)
        response.end(JSON.stringify(token))
      } catch (error) {
        response.writeHead(500).end(JSON.stringify(error))
      }
    }
    server = createServer(respond).listen(0, '127.0.0.1')
    await once(server, 'listening')
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  beforeEach(async () => {
    received = []
    tab = await (await browser.newContext()).newPage()
    // With full jitter of 0 there is no delay between attempts.
    await tab.addInitScript(() => {
      Math.random = () => 0
    })
    await tab.goto(origin)
  })

  afterEach(() => tab.context().close())

  afterAll(async () => {
    await browser?.close()
    await emulator?.close()
    server?.close()
    server?.closeAllConnections()
  })

  const start = (passes?: 'getToken') =>
    tab.evaluate(([endpoint, how]) => page.start(endpoint, how), [emulator.api_endpoint, passes] as const)
  const call = (pathname: string) => tab.evaluate((path) => page.call(path), pathname)
  const state = () => tab.evaluate(() => page.state())

  it('gets its first token from its back end, without an error event', async () => {
    await start()
    const result = await call('/drive/list_my_drives')
    const { notices, stored } = await state()
    expect(result).toEqual({ data: { items: [{ drive_id: stored?.default_drive_id }] } })
    expect(notices).toEqual([])
    expect(received).toEqual([{}])
  })

  it('uses the stored token after a reload, and renews a rejected one without an error event', async () => {
    await start()
    await call('/user/get')
    await tab.reload()
    await start()
    await call('/user/get')
    expect(received).toHaveLength(1)
    const { stored } = await state()
    const client = new PDSClient({ api_endpoint: emulator.api_endpoint })
    await client.refreshJwtToken({ client_id: 'jwt-app', refresh_token: stored?.refresh_token })
    expect(await call('/user/get')).toMatchObject({ data: { user_id: 'user-1' } })
    expect(received).toHaveLength(2)
    const after = await state()
    expect(after.notices).toEqual([])
    expect(after.stored?.access_token).not.toBe(stored?.access_token)
  })

  it.each([
    ['disabled', 'user disabled'],
    ['role', 'role changed'],
    ['forbidden', 'forbidden'],
    ['exists', ''],
    ['missing', 'not found'],
    ['no/such', 'unsupported'],
    ['invalid', 'token'],
  ])('is told once of a call to /%s that fails: "%s"', async (pathname, notice) => {
    await start()
    await call('/user/get')
    const failed = await call(`/${pathname}`)
    const [status, code, message] = errors[pathname] ?? [404, 'InvalidResponse', '']
    expect(failed).toMatchObject({ isError: true, type: 'ServerError', status, code })
    expect(failed).toHaveProperty(
      'message',
      expect.stringContaining(`${message} [status: ${status}] [code: ${code}]`),
    )
    expect((await state()).notices).toEqual([notice])
  })

  it('is told once that the network failed, after the retries', async () => {
    await start()
    await call('/user/get')
    await tab.context().setOffline(true)
    expect(await call('/user/get')).toMatchObject({ code: 'NetworkError', type: 'ClientError' })
    expect((await state()).notices).toEqual(['check the network'])
  })

  it('needs a closure around a function that has parameters', async () => {
    await start('getToken')
    expect(await call('/user/get')).toMatchObject({
      code: 'RefreshFailed',
      message: expect.stringContaining('refresh_token_fun must return a token'),
    })
    // The client passes `{ rejected }`, which JSON leaves empty.
    expect(received).toEqual([{ user_id: {} }])
  })
})
