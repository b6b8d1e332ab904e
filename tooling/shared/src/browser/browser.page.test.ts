import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Browser,
  browserIsMissing,
  launchBrowser,
  type Page,
  type PageServer,
  servePages,
} from './index.ts'

/* What page tests rely on. Playwright does it in Chromium, and `shared/engines` in the other engines. */

const html = `<main>
  <p>Signed out</p>
  <p id="status" role="status">Signed <b>in</b> as Ann</p>
  <button>Sign in</button> <button>Sign in in a popup</button> <button style="display: none">Hidden</button>
  <label>Name <input value="a"></label>
  <ul><li>one</li><li>two</li></ul>
</main>`

describe.skipIf(browserIsMissing)(`the browser of page tests ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let server: PageServer
  let page: Page

  beforeAll(async () => {
    ;[browser, server] = await Promise.all([launchBrowser(), servePages('')])
  })

  beforeEach(async () => {
    page = await (await browser.newContext()).newPage()
    await page.goto(server.origin)
    await page.evaluate((html) => {
      document.body.innerHTML = html
    }, html)
  })

  afterEach(() => page.context().close())

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  it('finds elements by their role, text and label', async () => {
    expect(await page.getByRole('button').count()).toBe(2)
    expect(await page.getByRole('button', { name: 'sign in' }).count()).toBe(2)
    expect(await page.getByRole('button', { name: 'Sign in', exact: true }).count()).toBe(1)
    expect(await page.getByRole('button', { name: /popup$/ }).textContent()).toBe('Sign in in a popup')
    expect(await page.getByText('signed').allTextContents()).toEqual(['Signed out', 'Signed in as Ann'])
    expect(await page.getByRole('status').getByText('Signed in as Ann', { exact: true }).count()).toBe(1)
    expect(await page.getByText('Signed', { exact: true }).count()).toBe(0)
    expect(await page.locator('li').filter({ hasText: 'TWO' }).count()).toBe(1)
    expect(await page.locator('li').last().textContent()).toBe('two')
    expect(await page.getByLabel('Name').inputValue()).toBe('a')
    expect(await page.locator('#status').getAttribute('role')).toBe('status')
  })

  it('acts on elements as the user does, when they can be used', async () => {
    await page.getByLabel('Name').fill('Ann')
    expect(await page.getByLabel('Name').inputValue()).toBe('Ann')
    await page.evaluate(() => {
      const [button] = document.querySelectorAll('button')
      Object.assign(button as HTMLElement, { disabled: true })
      button?.addEventListener('click', ({ isTrusted }) => Object.assign(globalThis, { isTrusted }))
    })
    const clicked = page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.evaluate('document.querySelector("button").disabled = false')
    await clicked
    expect(await page.evaluate('isTrusted')).toBe(true)
    expect(await page.locator('button').last().isVisible()).toBe(false)
    const gone = page.getByText('Signed out').waitFor({ state: 'hidden' })
    await page.evaluate('document.querySelector("p").remove()')
    await gone
  })

  it('passes values that JSON lacks, and rejects with the error of a page', async () => {
    const given = { none: undefined, list: [undefined, Number.NaN, Number.POSITIVE_INFINITY] }
    expect(await page.evaluate((value) => [value.none, ...value.list], given)).toEqual([
      undefined,
      ...given.list,
    ])
    expect(await page.evaluate(() => undefined)).toBeUndefined()
    await expect(page.evaluate('missing()')).rejects.toThrow(/ReferenceError/)
    await expect(page.evaluate(() => Promise.reject(new Error('late')))).rejects.toThrow('late')
  })

  it('runs the scripts of a page and of its context in each document', async () => {
    await page.context().addInitScript({ content: 'globalThis.order = ["context"]' })
    await page.addInitScript(
      (name) => (globalThis as unknown as { order: string[] }).order.push(name),
      'page',
    )
    const other = await page.context().newPage()
    for (const path of ['/one', '/two']) {
      await Promise.all([page.goto(server.origin + path), other.goto(server.origin + path)])
      expect(await page.evaluate('order')).toEqual(['context', 'page'])
      expect(await other.evaluate('order')).toEqual(['context'])
    }
    await page.reload()
    await page.evaluate("location.assign('/three')").catch(() => undefined)
    await page.waitForURL('**/three')
    expect(await page.evaluate('order')).toEqual(['context', 'page'])
  })

  it('runs timers at their times, also in the next document', async () => {
    const startTimers = `times = []
      const tick = () => { times.push(Date.now()); if (times.length < 3) setTimeout(tick, 10) }
      setTimeout(tick, 10)`
    await page.clock.install({ time: 0 })
    await page.clock.pauseAt(1_000_000)
    await page.evaluate(startTimers)
    await page.clock.runFor(25)
    expect(await page.evaluate('[times, Date.now()]')).toEqual([[1_000_010, 1_000_020], 1_000_025])
    await page.clock.fastForward(60_000)
    expect(await page.evaluate('times')).toEqual([1_000_010, 1_000_020, 1_060_025])
    await page.reload()
    expect(await page.evaluate('Date.now()')).toBe(1_060_025)
    await page.clock.resume()
    await page.waitForFunction('Date.now() > 1_060_025')
  })

  it('reports requests, and none arrives while it is offline', async () => {
    const requests: unknown[] = []
    // A browser requests the icon of a page at any time.
    page.context().on('request', (request) => {
      if (!request.url().endsWith('/favicon.ico')) requests.push([request.url(), request.postData()])
    })
    const send = "fetch('/x', { method: 'POST', body: 'b' }).then(({ status }) => status, ({ name }) => name)"
    expect(await page.evaluate(send)).toBe(200)
    expect(requests).toEqual([[`${server.origin}/x`, 'b']])
    await page.context().setOffline(true)
    expect(await page.evaluate(`${send}.then((result) => [result, navigator.onLine])`)).toEqual([
      'TypeError',
      false,
    ])
    await page.context().setOffline(false)
    expect(await page.evaluate(send)).toBe(200)
  })
})
