import { type Browser as ChromiumBrowser, chromium, type LaunchOptions } from 'playwright-core'
import { launchOtherEngine, otherEngine, otherEngineIsMissing } from '../engines/engine-browser.ts'
import { hangTime } from '../time.ts'
import type { Browser, BrowserContext } from './browser.ts'
import { type FoundBrowser, findBrowser } from './find-browser.ts'

const fullBrowser = findBrowser({
  variable: 'PDS_FULL_BROWSER',
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  channel: 'chrome',
  missing: 'Chromium is missing: apt-get install chromium, or name a full browser in PDS_FULL_BROWSER',
})

// A full browser can replace the headless shell, at about three times the processor time.
const headlessShell = findBrowser({
  variable: 'PDS_BROWSER',
  names: ['chromium-headless-shell', 'chrome-headless-shell'],
  instead: fullBrowser,
  missing:
    'chromium-headless-shell is missing: apt-get install chromium-headless-shell, or name a browser in PDS_BROWSER',
})

/** The reason to skip tests in a page, or false. If no test may be skipped, this module throws instead. */
export const browserIsMissing: string | false = otherEngine ? otherEngineIsMissing : headlessShell.isMissing

/** The command that starts the browser of page tests as another program, with the arguments that it needs. */
export const browserCommand: readonly string[] =
  'executablePath' in headlessShell.executable
    ? [headlessShell.executable.executablePath, '--headless', ...browserArguments()]
    : []

/** The reason to skip tests that need a full browser, or false. */
export const fullBrowserIsMissing: string | false = fullBrowser.isMissing

/**
 * Returns Chromium's headless shell, or the browser that `PDS_BROWSER` names, or the engine that `PDS_ENGINE` names.
 *
 * All test files of a worker share one browser process, which ends with the worker. `close` closes the contexts that the
 * caller opened.
 */
export function launchBrowser(): Promise<Browser> {
  return otherEngine ? launchOtherEngine() : shareBrowser('headless shell', headlessShell)
}

/**
 * Returns Chromium as users have it, or the browser that `PDS_FULL_BROWSER` names. Unlike a headless shell, it blocks
 * popups, limits the storage of an origin and has a back/forward cache.
 *
 * Only for files that end in `.full-browser.test.ts`, which run one at a time.
 */
export function launchFullBrowser(): Promise<Browser> {
  const ignoreDefaultArgs = ['--disable-popup-blocking', '--disable-back-forward-cache']
  return shareBrowser('full browser', fullBrowser, { ignoreDefaultArgs })
}

/** The browsers of this worker. */
const launched = new Map<string, Promise<ChromiumBrowser>>()

async function shareBrowser(name: string, found: FoundBrowser, options?: LaunchOptions): Promise<Browser> {
  let launching = launched.get(name)
  if (!launching) {
    launching = launch(found, options)
    launched.set(name, launching)
    // After a crash, the next file starts another browser.
    launching.then(
      (browser) => browser.once('disconnected', () => launched.delete(name)),
      () => undefined,
    )
  }
  const browser = await launching
  const contexts: BrowserContext[] = []
  return {
    version: () => browser.version(),
    async newContext(options = {}) {
      const context = await browser.newContext(options)
      // The time limit of the test ends a wait that hangs.
      context.setDefaultTimeout(hangTime)
      contexts.push(context)
      return context
    },
    async close() {
      await Promise.all(contexts.map((context) => context.close()))
    },
  }
}

function launch({ executable }: FoundBrowser, options: LaunchOptions = {}): Promise<ChromiumBrowser> {
  return chromium.launch({
    ...executable,
    ...options,
    timeout: hangTime,
    args: browserArguments(),
  })
}

function browserArguments(): string[] {
  return [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-gpu',
    '--disable-quic',
    '--disable-sync',
    '--no-first-run',
    // Chromium's sandbox does not work for root, the usual user of a container.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ]
}
