import { startEmulator } from '@pds/emulator'
import { browserIsMissing, bundleForPage, launchBrowser, servePages } from 'shared/browser'
import { expect, it } from 'vitest'
import { startRecordingProxy } from './recording-proxy.ts'

const script = `
import { getTokenByCode } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'

export const exchange = (api_endpoint, params) => getTokenByCode(createTransport({ api_endpoint }), params)
`

interface Globals {
  pds: { exchange(api_endpoint: string, params: object): Promise<object> }
}

// The vendor does not document which headers a page may send.
it.skipIf(browserIsMissing)(
  'a page of another origin exchanges a code without a preflight request',
  async () => {
    const emulator = await startEmulator()
    const proxy = await startRecordingProxy(emulator.port)
    const pages = await servePages(await bundleForPage(script, import.meta.dirname, 'pds'))
    const browser = await launchBrowser()
    const page = await (await browser.newContext()).newPage()
    await page.goto(pages.origin)
    const app = { client_id: 'browser-app', redirect_uri: 'http://127.0.0.1:5173/callback' }
    const token = await page.evaluate(
      ({ api_endpoint, params }) => (globalThis as unknown as Globals).pds.exchange(api_endpoint, params),
      { api_endpoint: proxy.api_endpoint, params: { ...app, code: emulator.createCode(app) } },
    )
    expect(token).toMatchObject({ user_id: 'user-1' })
    expect(proxy.requests).toHaveLength(1)
    expect(proxy.requests[0]).toMatch(/^POST \/v2\/oauth\/token HTTP\/1\.1\r\n/)
    // The browser adds these headers itself, after its check of CORS.
    expect(proxy.requests[0]).toMatch(/\r\ncache-control: no-cache\r\n/i)
    expect(proxy.requests[0]).toMatch(/\r\npragma: no-cache\r\n/i)
    await browser.close()
    await pages.close()
    proxy.close()
    await emulator.close()
  },
)
