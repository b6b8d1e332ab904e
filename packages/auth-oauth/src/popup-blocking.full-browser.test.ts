import { fullBrowserIsMissing, launchFullBrowser } from 'browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  noResources,
  type PageCall,
  type PageGlobals,
  type Result,
  type SignInSite,
  startSignInSite,
  stored,
  watchResources,
} from './sign-in-page.test-helper.ts'

/* Needs a full browser: a headless shell blocks no popups. */

describe.skipIf(fullBrowserIsMissing)(`signInWithPopup ${fullBrowserIsMissing || ''}`, () => {
  let site: SignInSite
  beforeAll(async () => {
    site = await startSignInSite()
  })
  afterAll(() => site?.close())

  it('rejects with PopupBlocked outside of a click and leaves nothing behind', async () => {
    const browser = await launchFullBrowser()
    const page = await (await browser.newContext()).newPage()
    const { transport, params } = site
    await page.addInitScript(watchResources)
    await page.addInitScript(
      (given: PageCall) => {
        // In a script of the page, because the browser treats code that a test evaluates as a click.
        addEventListener('load', () => {
          const globals = globalThis as unknown as PageGlobals
          globals.result = globals.pds.call(given)
        })
      },
      { name: 'signInWithPopup', transport, params } satisfies PageCall,
    )
    await page.goto(`${site.origin}/start`)
    await page.waitForFunction('globalThis.result !== undefined')
    const result = page.evaluate(() => (globalThis as unknown as PageGlobals).result as Promise<Result[]>)
    expect(await result).toMatchObject([{ error: { code: 'PopupBlocked', outcome: 'not-sent' } }])
    expect(await page.evaluate('live')).toEqual(noResources)
    expect(await stored(page)).toEqual({ session: [], local: [] })
    await browser.close()
  })
})
