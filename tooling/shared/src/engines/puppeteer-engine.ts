import puppeteer, {
  type BrowserContext,
  type ElementHandle,
  type LaunchOptions,
  type Page,
} from 'puppeteer-core'
import { type FoundProgram, findProgram } from '../browser/find-program.ts'
import {
  commandTime,
  type Engine,
  type EngineBrowser,
  type EngineProfile,
  type EngineTab,
  waitForValue,
  withLimit,
} from './engine.ts'

/* Chromium and Firefox, driven by Puppeteer: Chromium through its DevTools protocol, Firefox through WebDriver BiDi. */

export const chromium: Engine = createEngine(
  'Chromium',
  findProgram({
    variable: 'PDS_FULL_BROWSER',
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    missing: 'Chromium is missing: apt-get install chromium, or name a full browser in PDS_FULL_BROWSER',
  }),
  {
    browser: 'chrome',
    args: [
      '--disable-gpu',
      // Chromium's sandbox does not work for root, the usual user of a container.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
    // As users have it: timers of hidden tabs are slow, and there is a back/forward cache.
    ignoreDefaultArgs: [
      '--disable-back-forward-cache',
      '--disable-background-timer-throttling',
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
    ],
  },
)

export const firefox: Engine = createEngine(
  'Firefox',
  findProgram({
    variable: 'PDS_FIREFOX',
    names: ['firefox', 'firefox-esr'],
    missing: 'Firefox is missing: apt-get install firefox-esr, or name it in PDS_FIREFOX',
  }),
  {
    browser: 'firefox',
    extraPrefsFirefox: {
      // Proxies see the requests to this machine, too.
      'network.proxy.allow_hijacking_localhost': true,
      // A page keeps the name of its window.
      'privacy.window.name.update.enabled': false,
    },
  },
)

function createEngine(name: Engine['name'], found: FoundProgram, options: LaunchOptions): Engine {
  return {
    name,
    isMissing: found.isMissing,
    async launch({ isPrivate = false } = {}) {
      const browser = await puppeteer.launch({
        ...options,
        ...(isPrivate && {
          extraPrefsFirefox: { ...options.extraPrefsFirefox, 'browser.privatebrowsing.autostart': true },
        }),
        executablePath: found.file,
        headless: true,
        timeout: commandTime,
        protocolTimeout: commandTime,
      })
      const version = await browser.version()
      return {
        version: () => version,
        async newProfile({ proxy } = {}) {
          const context = await browser.createBrowserContext(
            proxy === undefined ? {} : { proxyServer: proxy },
          )
          return createProfile(name, context)
        },
        close: async () => {
          try {
            await withLimit(`${name}: closing`, browser.close())
          } catch (error) {
            browser.process()?.kill('SIGKILL')
            throw error
          }
        },
      } satisfies EngineBrowser
    },
  }
}

function createProfile(name: string, context: BrowserContext): EngineProfile {
  const tabs = new Map<Page, EngineTab>()
  const tabOf = (page: Page) => {
    const tab = tabs.get(page) ?? createTab(name, page)
    tabs.set(page, tab)
    return tab
  }
  return {
    open: async () => tabOf(await withLimit(`${name}: opening a tab`, context.newPage())),
    tabs: async () => (await context.pages()).map(tabOf),
    close: () => withLimit(`${name}: closing a profile`, context.close()),
  }
}

function createTab(name: string, page: Page): EngineTab {
  const limited = async (command: string, running: Promise<unknown>) => {
    await withLimit(`${name}: ${command}`, running)
  }
  /** Puppeteer does not notice that Firefox has restored a page from the back/forward cache. */
  async function traverse(command: 'back' | 'forward'): Promise<void> {
    const from = JSON.stringify(await tab.evaluate('location.href'))
    await limited(`going ${command}`, page.evaluate(`history.${command}()`).catch(ignoreNavigation))
    // A page that is loaded again begins as about:blank, which is complete.
    const isThere = `![${from}, 'about:blank'].includes(location.href) && document.readyState === 'complete' || undefined`
    const evaluate = (expression: string) => tab.evaluate<never>(expression).catch(ignoreNavigation)
    await waitForValue({ evaluate }, isThere)
  }
  const tab: EngineTab = {
    evaluate: async (expression) => {
      const running = page.evaluate(`JSON.stringify(${expression}) ?? 'null'`)
      return JSON.parse((await withLimit(`${name}: evaluating ${expression}`, running)) as string)
    },
    goto: (url) => limited(`going to ${url}`, page.goto(url, { timeout: 0 })),
    reload: () => limited('reloading', page.reload({ timeout: 0 })),
    back: () => traverse('back'),
    forward: () => traverse('forward'),
    async click(expression) {
      const element = (await page.evaluateHandle(expression)).asElement() as ElementHandle | null
      if (element) await limited(`clicking on ${expression}`, element.click())
      return element !== null
    },
    cookies: () => page.browserContext().cookies(),
    close: async () => {
      if (!page.isClosed()) await limited('closing a tab', page.close())
    },
  }
  return tab
}

/** A page that navigates may be gone before it responds. */
function ignoreNavigation(): null {
  return null
}
