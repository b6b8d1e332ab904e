import { type RunningEmulator, startEmulator } from '@pds/emulator'
import type { TokenInfo } from '@pds/types'
import {
  type Browser,
  type BrowserContext,
  bundleForPage,
  launchBrowser,
  type Page,
  type PageServer,
  servePages,
} from 'browser'
import { hangTime } from 'vitest-config/time'
import { SecretWatch } from './secret-watch.ts'
import type { TabOptions } from './tab.ts'

/** The functions of a tab that a test calls through its page. */
type TabFunctions = typeof import('./tab.ts')

/** A tab with a session. */
export interface Tab {
  readonly page: Page
  /** Calls a function of the tab. */
  call<Name extends FunctionName>(
    name: Name,
    ...args: Parameters<TabFunctions[Name]>
  ): Promise<Awaited<ReturnType<TabFunctions[Name]>>>
  /** Returns a variable of the tab. */
  get<Name extends 'events' | 'reads' | 'isHolding'>(name: Name): Promise<TabFunctions[Name]>
}

type FunctionName = {
  [Name in keyof TabFunctions]: TabFunctions[Name] extends (...args: never[]) => unknown ? Name : never
}[keyof TabFunctions]

export interface TabsOptions {
  /** Runs in each page before anything else. */
  initScript?: (() => void) | undefined
  isEncrypted?: boolean | undefined
  /** Times of the session. By default, they never pass during a test: a slow tab must not lose its lease. */
  limits?: TabOptions['limits']
}

const longTimes = { requestTimeout: hangTime, leaseTime: 2 * hangTime, waitTimeout: hangTime }

/** Tabs of one browser that share a session, and their emulated domain. */
export class SessionTabs {
  readonly emulator: RunningEmulator
  readonly #browser: Browser
  readonly #pages: PageServer
  #opened: { context: BrowserContext; secrets: SecretWatch; isEncrypted: boolean }[] = []
  readonly #signedIn: TokenInfo[] = []

  private constructor(emulator: RunningEmulator, browser: Browser, pages: PageServer) {
    this.emulator = emulator
    this.#browser = browser
    this.#pages = pages
  }

  static async start(): Promise<SessionTabs> {
    const script = await bundleForPage("export * from './tab.ts'", import.meta.dirname, 'tab')
    const [emulator, browser, pages] = await Promise.all([
      startEmulator(),
      launchBrowser(),
      servePages(script),
    ])
    return new SessionTabs(emulator, browser, pages)
  }

  /** Opens tabs in a new browser context. They share a session that has no token. */
  async open(count: number, options: TabsOptions = {}): Promise<Tab[]> {
    const context = await this.#browser.newContext()
    const secrets = await SecretWatch.begin(context)
    this.#opened.push({ context, secrets, isEncrypted: options.isEncrypted ?? false })
    if (options.initScript) await context.addInitScript(options.initScript)
    return Promise.all(Array.from({ length: count }, () => this.#openTab(context, options)))
  }

  /** Signs in to the browser application and returns the token. */
  async signIn(): Promise<TokenInfo> {
    const { client_id, redirect_uris } = this.emulator.app('browser')
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id,
      redirect_uri: redirect_uris[0] ?? '',
      code: this.emulator.createCode({ client_id }),
    })
    const response = await fetch(`${this.emulator.api_endpoint}/v2/oauth/token`, { method: 'POST', body })
    const token = await response.json()
    this.#signedIn.push(token)
    return token
  }

  /** Advances the clocks of the domain and the tabs, by milliseconds. */
  async advance(tabs: readonly Tab[], milliseconds: number): Promise<void> {
    this.emulator.clock.advance(milliseconds)
    await Promise.all(tabs.map((tab) => tab.call('advance', milliseconds)))
  }

  /** The number of refresh requests since the domain started. */
  get refreshes(): number {
    return this.emulator.requests.filter(({ params }) => params.grant_type === 'refresh_token').length
  }

  /** Closes all tabs and returns the places where they left a token. Unencrypted stores do not count. */
  async closeTabs(): Promise<string[]> {
    const leaks = this.#opened.splice(0).map(async ({ context, secrets, isEncrypted }) => {
      for (const token of this.#signedIn) secrets.add(token.access_token, token.refresh_token)
      const found = await secrets.leaks(isEncrypted ? [] : ['IndexedDB', 'Web Storage'])
      await context.close()
      return found
    })
    return (await Promise.all(leaks)).flat()
  }

  async close(): Promise<void> {
    await this.#browser.close()
    await Promise.all([this.emulator.close(), this.#pages.close()])
  }

  async #openTab(
    context: BrowserContext,
    { isEncrypted = false, limits = longTimes }: TabsOptions,
  ): Promise<Tab> {
    const page = await context.newPage()
    await page.goto(this.#pages.origin)
    const { emulator } = this
    const tab: Tab = {
      page,
      call: (name, ...args) =>
        page.evaluate(
          ([name, args]) =>
            (globalThis as unknown as { tab: Record<string, (...args: unknown[]) => never> }).tab[name]?.(
              ...args,
            ),
          [name, args] as [string, unknown[]],
        ) as Promise<never>,
      get: (name) => page.evaluate(`tab.${name}`),
    }
    const options: TabOptions = {
      api_endpoint: emulator.api_endpoint,
      redirect_uri: emulator.app('browser').redirect_uris[0] ?? '',
      ahead: emulator.clock.now() - Date.now(),
      isEncrypted,
      limits,
    }
    await tab.call('open', options)
    return tab
  }
}
