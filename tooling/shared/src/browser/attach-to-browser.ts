import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import { hangTime } from '../time.ts'
import type { Page } from './browser.ts'

/** A Chromium that another program started. */
export interface AttachedBrowser {
  /** Returns its first page. */
  firstPage(): Promise<Page>
  /** Ends its process. */
  close(): Promise<void>
}

/** Waits until a Chromium with this profile folder and `--remote-debugging-port=0` has started, and connects to it. */
export async function attachToBrowser(profile: string): Promise<AttachedBrowser> {
  const file = path.join(profile, 'DevToolsActivePort')
  let port: string | undefined
  // Chromium writes the port and a path, each on a line.
  for (; ; await setTimeout(20)) {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
    if (lines.length > 1) [port] = lines
    if (port !== undefined) break
  }
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
  const [context] = browser.contexts()
  context?.setDefaultTimeout(hangTime)
  return {
    async firstPage() {
      const page = context?.pages()[0] ?? (await context?.waitForEvent('page'))
      return page as unknown as Page
    },
    async close() {
      const devtools = await browser.newBrowserCDPSession()
      const closed = new Promise((resolve) => browser.once('disconnected', resolve))
      await devtools.send('Browser.close')
      await closed
    },
  }
}
