import { type RunningEmulator, startEmulator } from '@pds/emulator'
import type { TokenInfo } from '@pds/types'
import { bundleForPage, servePages } from 'shared/browser'
import {
  type Engine,
  type EngineBrowser,
  type EngineProfile,
  type EngineTab,
  type PageCall,
  startCall,
} from 'shared/engines'
import type { TabOptions } from '../tabs/tab.ts'
import { type RefreshGate, startRefreshGate } from './refresh-gate.ts'

type TabFunctions = typeof import('../tabs/tab.ts')

type FunctionName = {
  [Name in keyof TabFunctions]: TabFunctions[Name] extends (...args: never[]) => unknown ? Name : never
}[keyof TabFunctions]

type Result<Name extends FunctionName> = Awaited<ReturnType<TabFunctions[Name]>>

/** A tab with the functions of `tab.ts`. */
export interface SessionTab extends EngineTab {
  /** Opens the session of the page. A page that was loaded again has no session. */
  openSession(): Promise<void>
  /** Starts a function of `tab.ts`. */
  start<Name extends FunctionName>(
    name: Name,
    ...args: Parameters<TabFunctions[Name]>
  ): Promise<PageCall<Result<Name>>>
  /** Calls a function of `tab.ts`. */
  call<Name extends FunctionName>(name: Name, ...args: Parameters<TabFunctions[Name]>): Promise<Result<Name>>
}

export interface PageOptions {
  /** Runs in each page before anything else. */
  initScript?: string | undefined
  /** Times of the sessions, in milliseconds. */
  limits?: TabOptions['limits']
}

/** Numbers of refresh requests. */
export interface RefreshCounts {
  /** The requests that pages have sent. */
  sent: number
  /** The requests that have reached the service. */
  received: number
  /** The requests with a refresh token that is not valid. */
  invalid: number
}

/**
 * The times of the sessions. Nothing that a session waits for is as long as `waitTimeout`, except for the expiry of a
 * lease or of a suspicion: a session that waits for one of them fails with `Timeout`.
 */
const patientTimes = { leaseTime: 600_000, suspectTime: 600_000, waitTimeout: 30_000 }

/** A browser with pages that share a session, and their emulated domain. */
export class SessionBrowser {
  readonly emulator: RunningEmulator
  readonly gate: RefreshGate
  readonly #browser: EngineBrowser
  readonly #profile: EngineProfile
  readonly #script: string
  #opened: { close(): Promise<void> }[] = []

  private constructor(
    emulator: RunningEmulator,
    gate: RefreshGate,
    browser: EngineBrowser,
    profile: EngineProfile,
    script: string,
  ) {
    this.emulator = emulator
    this.gate = gate
    this.#browser = browser
    this.#profile = profile
    this.#script = script
  }

  static async start(engine: Engine): Promise<SessionBrowser> {
    const script = await bundleForPage("export * from '../tabs/tab.ts'", import.meta.dirname, 'tab')
    const emulator = await startEmulator()
    const gate = await startRefreshGate(emulator.port)
    const browser = await engine.launch()
    return new SessionBrowser(emulator, gate, browser, await browser.newProfile(), script)
  }

  /** Opens tabs of a new origin. They share a session that has no token. */
  async open(count: number, { initScript = '', limits }: PageOptions = {}): Promise<SessionTab[]> {
    const pages = await servePages(`${initScript};${this.#script}`)
    this.#opened.push(pages)
    const tabs: SessionTab[] = []
    while (tabs.length < count) {
      const tab = await this.#openTab(`${pages.origin}/tab-${tabs.length}`, { ...patientTimes, ...limits })
      this.#opened.unshift(tab)
      tabs.push(tab)
    }
    return tabs
  }

  /** Opens tabs of a new origin whose session has an expired token. */
  async openExpired(count: number, options?: PageOptions): Promise<SessionTab[]> {
    const tabs = await this.open(count, options)
    await tabs[0]?.call('setToken', await this.signIn())
    await this.getTokens(tabs)
    this.emulator.clock.advance(expiry)
    for (const tab of tabs) await tab.call('advance', expiry)
    return tabs
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
    return response.json()
  }

  /** Requests a token in each tab at the same time. */
  async getTokens(tabs: readonly SessionTab[], callers = 1): Promise<Result<'getTokens'>[]> {
    const calls: PageCall<Result<'getTokens'>>[] = []
    for (const tab of tabs) calls.push(await tab.start('getTokens', callers))
    const results: Result<'getTokens'>[] = []
    for (const call of calls) results.push(await call.result())
    return results
  }

  /** Returns the numbers of refreshes until now. */
  count(): RefreshCounts {
    const refreshes = this.emulator.requests.filter(({ params }) => params.grant_type === 'refresh_token')
    return {
      sent: this.gate.sent,
      received: refreshes.length,
      invalid: this.emulator.invalidTokenUses.refresh,
    }
  }

  /** Returns the numbers of refreshes since an earlier count. */
  countSince(before: RefreshCounts): RefreshCounts {
    const now = this.count()
    return {
      sent: now.sent - before.sent,
      received: now.received - before.received,
      invalid: now.invalid - before.invalid,
    }
  }

  /** Closes the tabs of the test. */
  async closeTabs(): Promise<void> {
    for (const opened of this.#opened.splice(0)) await opened.close()
  }

  async close(): Promise<void> {
    try {
      await this.#browser.close()
    } finally {
      await this.gate.close()
      await this.emulator.close()
    }
  }

  async #openTab(url: string, limits: TabOptions['limits']): Promise<SessionTab> {
    const opened = await this.#profile.open('tab')
    await opened.goto(url)
    const tab: SessionTab = {
      ...opened,
      openSession: () =>
        tab.call('open', {
          api_endpoint: this.gate.api_endpoint,
          redirect_uri: this.emulator.app('browser').redirect_uris[0] ?? '',
          ahead: this.emulator.clock.now() - Date.now(),
          isEncrypted: false,
          limits,
        }),
      start: (name, ...args) => startCall(tab, `tab.${name}(...${JSON.stringify(args)})`),
      call: async (name, ...args) => (await tab.start(name, ...args)).result() as Promise<never>,
    }
    await tab.openSession()
    return tab
  }
}

const expiry = 2 * 3_600_000
