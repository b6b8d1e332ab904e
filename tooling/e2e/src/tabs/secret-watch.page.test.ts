import {
  type Browser,
  browserIsMissing,
  launchBrowser,
  leftOut,
  type PageServer,
  servePages,
} from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SecretWatch } from './secret-watch.ts'

const token = `eyJhbGciOiJSUzI1NiIs.${'ab12CD34'.repeat(9)}.Zx81Qw-_Lk77Pn30`

/** Code that leaks the token of a page, and where SecretWatch finds it. */
const leaks: [where: string, code: string][] = [
  ['the page', 'document.body.append(token)'],
  ['the page', 'document.body.append(token); document.body.replaceChildren()'],
  ['the page', 'document.body.append(token.slice(-8))'],
  ['the page', "document.body.append(Object.assign(document.createElement('input'), { value: token }))"],
  ['the page', 'document.body.dataset.token = token'],
  ['the console', 'console.log(token)'],
  ['the console', 'console.log("signed in", { deep: { very: { deep: [token] } } })'],
  ['an error of a page', 'setTimeout(() => { throw new Error(token) })'],
  ['a navigation', "location.hash = token; history.replaceState(null, '', '/')"],
  ['history.state', "history.replaceState({ token }, '')"],
  ['the address of a request', "fetch('/?token=' + token)"],
  ['a broadcast', "new BroadcastChannel('x').postMessage(new Map([[1, token]]))"],
  ['a broadcast', "new BroadcastChannel('x').postMessage(new TextEncoder().encode(token))"],
  ['a message', 'postMessage({ token })'],
  ['Web Storage', "localStorage.setItem('x', token); localStorage.removeItem('x')"],
  ['Web Storage', 'sessionStorage.x = token'],
  ['window.name', 'name = token'],
  ['cookies', 'document.cookie = "x=" + token.slice(-30)'],
  [
    'IndexedDB',
    `new Promise((resolve) => {
      const request = indexedDB.open('x')
      request.onupgradeneeded = () => request.result.createObjectStore('x').put({ deep: token }, 1)
      request.onsuccess = () => resolve(request.result.close())
    })`,
  ],
]

describe.skipIf(browserIsMissing)(`SecretWatch ${browserIsMissing || ''}`, () => {
  let browser: Browser
  let server: PageServer

  beforeAll(async () => {
    ;[browser, server] = await Promise.all([launchBrowser(), servePages('')])
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  async function watchPage(code: string) {
    const context = await browser.newContext()
    const secrets = await SecretWatch.begin(context)
    secrets.add(token)
    const page = await context.newPage()
    await page.goto(server.origin)
    await page.evaluate(`{ const token = ${JSON.stringify(token)}; ${code} }`)
    // Waits for pending messages and observers.
    await page.evaluate('new Promise((resolve) => setTimeout(resolve))')
    const found = await secrets.leaks()
    await context.close()
    return found
  }

  it('finds nothing on a page without leaks', async () => {
    expect(await watchPage("document.body.append(token.slice(0, 21)); console.log('signed in')")).toEqual([])
  })

  it.each(leaks)('finds a token in %s: %s', async (where, code) => {
    expect(await watchPage(code)).toContain(where)
  })

  const cannotReadHistory = leftOut('the Navigation API')
  it.skipIf(cannotReadHistory)(`finds a token in the history ${cannotReadHistory || ''}`, async () => {
    const code = "history.pushState(null, '', '/?' + token); history.pushState(null, '', '/')"
    expect(await watchPage(code)).toContain('the history')
  })
})
