import { EventEmitter } from 'node:events'
import type { ContextEvents, Page } from '../browser/browser.ts'
import type { EngineProfile, EngineTab } from './engine.ts'
import { waitForValue } from './engine.ts'
import { EngineClock } from './engine-clock.ts'
import { EnginePage, type PageOwner } from './engine-page.ts'
import { joinScripts, sourceOf } from './init-script.ts'
import { callPath, type PageProxy, type ProxiedRequest, startPageProxy } from './page-proxy.ts'
import { loadPageTools, type PageTools } from './page-tools-bundle.ts'

/** A profile of an engine, with the interface of page tests. */
export class EngineContext implements PageOwner {
  readonly clock: EngineClock = new EngineClock(() => this.#openPages())
  readonly #tools: PageTools
  readonly #profile: EngineProfile
  #proxy: PageProxy | undefined
  readonly #pages = new Map<EngineTab, EnginePage>()
  readonly #initScripts: string[] = []
  readonly #functions = new Map<string, (...args: never[]) => unknown>()
  readonly #events = new EventEmitter()
  #reportsEvents = false
  /** The page that navigates now. The proxy cannot see which page requests a document. */
  #navigating: EnginePage | undefined
  #lastNavigation: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  private constructor(profile: EngineProfile, tools: PageTools) {
    this.#profile = profile
    this.#tools = tools
  }

  /** `newProfile` creates a profile whose requests go through a proxy. */
  static async create(newProfile: (proxy: string) => Promise<EngineProfile>): Promise<EngineContext> {
    const tools = await loadPageTools()
    let context: EngineContext | undefined
    const proxy = await startPageProxy({
      initScript: () => context?.initScript() ?? '',
      call: async (name, argument) => context?.answer(name, argument) ?? '{}',
      onRequest: (request) => context?.reportRequest(request),
    })
    try {
      context = new EngineContext(await newProfile(proxy.address), tools)
      context.#proxy = proxy
      return context
    } catch (error) {
      await proxy.close()
      throw error
    }
  }

  async newPage(): Promise<Page> {
    return this.#adopt(await this.#profile.open('window'))
  }

  pages(): Page[] {
    return this.#openPages()
  }

  async addInitScript(script: (() => void) | { content: string }): Promise<void> {
    this.#initScripts.push(sourceOf(script))
  }

  async exposeFunction<Args extends unknown[]>(
    name: string,
    callback: (...args: Args) => unknown,
  ): Promise<void> {
    this.#functions.set(name, callback)
  }

  /** Returns the cookies of the open pages. */
  async cookies(): Promise<unknown[]> {
    return (await Promise.all(this.#openPages().map((page) => page.tab.cookies()))).flat()
  }

  async setOffline(offline: boolean): Promise<void> {
    if (this.#proxy) this.#proxy.isOffline = offline
    for (const page of this.#openPages()) await page.evaluate(setOnLine, !offline)
  }

  on<Name extends keyof ContextEvents>(name: Name, listener: (value: ContextEvents[Name]) => unknown): void {
    this.#reportsEvents = true
    this.#events.on(name, listener)
  }

  reportEvents(): void {
    this.#reportsEvents = true
  }

  async waitForEvent(_event: 'page'): Promise<Page> {
    return this.waitForPage()
  }

  async waitForPage(): Promise<EnginePage> {
    const found = async () => {
      const tabs = await this.#profile.tabs()
      const tab = tabs.find((tab) => !this.#pages.has(tab))
      return tab ? this.#adopt(tab) : null
    }
    return waitForValue({ evaluate: found }, 'a new page')
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    for (const page of this.#pages.values()) page.markClosed()
    await this.#profile.close()
    await this.#proxy?.close()
  }

  navigate(page: EnginePage, run: () => Promise<void>): Promise<void> {
    const navigating = this.#lastNavigation.then(async () => {
      this.#navigating = page
      try {
        await run()
      } finally {
        this.#navigating = undefined
      }
    })
    this.#lastNavigation = navigating.catch(() => undefined)
    return navigating
  }

  async isOpen(tab: EngineTab): Promise<boolean> {
    return (await this.#profile.tabs()).includes(tab)
  }

  /** The script that runs in the next document before any other. */
  initScript(): string {
    const { bundle, watchPage } = this.#tools
    const options = {
      callPath,
      functions: [...this.#functions.keys()],
      reportsEvents: this.#reportsEvents,
    }
    const scriptsOfPages = [...this.#pages.values()]
      .filter(({ initScripts }) => initScripts.length > 0)
      .map(({ name, initScripts }) => `${JSON.stringify(name)}: () => {${joinScripts(initScripts)}}`)
    return [
      bundle,
      this.#navigating && `globalThis.name = ${JSON.stringify(this.#navigating.name)}`,
      `(${watchPage})(${JSON.stringify(options)})`,
      joinScripts(this.#initScripts),
      `({ ${scriptsOfPages.join(', ')} })[globalThis.name]?.()`,
      this.clock.initScript(),
    ]
      .filter(Boolean)
      .join('\n;')
  }

  /** Answers a call of a page: an event, or a function of the test. */
  async answer(name: string, argument: string): Promise<string> {
    const given = JSON.parse(argument)
    if (name.startsWith('function/')) {
      const callback = this.#functions.get(name.slice('function/'.length))
      try {
        return JSON.stringify({ value: await callback?.(...(given as never[])) })
      } catch (error) {
        return JSON.stringify({ error: String(error) })
      }
    }
    this.#report(name, given)
    return '{}'
  }

  /** Reports a request to the listeners of the context and of its pages: it has no sign of its page. */
  reportRequest({ url, body }: ProxiedRequest): void {
    const request = { url: () => url, postData: () => body || null }
    this.#emit('request', request)
  }

  #report(name: string, given: Report): void {
    if (name === 'console') {
      const { type = '', text = '', args = [], url = '' } = given
      const values = args.map((value) => ({ jsonValue: async () => value }))
      const message = { type: () => type, text: () => text, args: () => values, location: () => ({ url }) }
      this.#emit('console', message)
    } else if (name === 'error') {
      const error = Object.assign(new Error(given.message), { name: given.name, stack: given.stack })
      this.#events.emit('weberror', { error: () => error })
      for (const page of this.#openPages()) page.events.emit('pageerror', error)
    } else if (name === 'navigation') {
      const { url = '' } = given
      for (const page of this.#openPages()) page.events.emit('framenavigated', { url: () => url })
    }
  }

  #emit(name: string, value: unknown): void {
    this.#events.emit(name, value)
    for (const page of this.#openPages()) page.events.emit(name, value)
  }

  #adopt(tab: EngineTab): EnginePage {
    const known = this.#pages.get(tab)
    if (known) return known
    const page = new EnginePage(this, tab, `page-${this.#pages.size}`, this.#tools)
    this.#pages.set(tab, page)
    this.#events.emit('page', page)
    return page
  }

  #openPages(): EnginePage[] {
    return [...this.#pages.values()].filter((page) => !page.isClosed())
  }
}

interface Report {
  type?: string
  text?: string
  args?: unknown[]
  url?: string
  name?: string
  message?: string
  stack?: string
}

/** Runs in a page: changes what the browser tells about the network, which only the proxy disconnects. */
function setOnLine(isOnLine: boolean): void {
  Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => isOnLine })
  dispatchEvent(new Event(isOnLine ? 'online' : 'offline'))
}
