import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Browser,
  browserIsMissing,
  bundleForPage,
  findViolations,
  launchBrowser,
  servePages,
} from './index.ts'

describe.skipIf(browserIsMissing)(`a browser ${browserIsMissing || ''}`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchBrowser()
  })

  afterAll(() => browser?.close())

  it('runs a bundle in a page', async () => {
    const script = await bundleForPage('export const result: number = 42', import.meta.dirname, 'exported')
    const server = await servePages(script)
    const page = await (await browser.newContext()).newPage()
    await page.goto(server.origin)
    expect(await page.evaluate('exported.result')).toBe(42)
    expect(await page.evaluate('navigator.locks !== undefined')).toBe(true)
    await server.close()
  })

  it('finds accessibility violations', async () => {
    const page = await (await browser.newContext()).newPage()
    const show = (body: string) =>
      page.goto(`data:text/html,<html lang="en"><title>A</title><main><h1>A</h1>${body}</main></html>`)
    await show('<input>')
    expect(await findViolations(page)).toEqual(['label (critical): input'])
    await show('<label>B<input></label>')
    expect(await findViolations(page)).toEqual([])
  })
})
