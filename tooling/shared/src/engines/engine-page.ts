import { EventEmitter } from 'node:events'
import type { BrowserContext, Clock, Handle, Locator, Page, PageEvents, Role } from '../browser/browser.ts'
import { type EngineTab, PageError, startCall, waitForValue } from './engine.ts'
import { EngineLocator, matcherOf } from './engine-locator.ts'
import { type InitScript, sourceOf } from './init-script.ts'
import type { PageTools } from './page-tools-bundle.ts'
import { fromText, toText } from './page-values.ts'
import type { ToolRunner } from './tool-runner.ts'

type Script<Arg, Result> = string | ((arg: Arg) => Result | Promise<Result>)

/** The context of pages. */
export interface PageOwner extends BrowserContext {
  readonly clock: Clock
  /** Navigates a page. The pages of a context navigate one at a time. */
  navigate(page: EnginePage, run: () => Promise<void>): Promise<void>
  /** Waits for a page that another page opens. */
  waitForPage(): Promise<EnginePage>
  isOpen(tab: EngineTab): Promise<boolean>
  /** Reports the events of the pages from the next document on. */
  reportEvents(): void
}

/** A tab of an engine, with the interface of page tests. */
export class EnginePage implements Page, ToolRunner {
  readonly tab: EngineTab
  /** The name of its window, by which its documents find their scripts. */
  readonly name: string
  readonly initScripts: string[] = []
  readonly events: EventEmitter = new EventEmitter()
  readonly #context: PageOwner
  readonly #tools: PageTools
  #url = 'about:blank'
  #isClosed = false

  constructor(context: PageOwner, tab: EngineTab, name: string, tools: PageTools) {
    this.#context = context
    this.#tools = tools
    this.name = name
    // Each command tells the address, which `url` returns.
    this.tab = {
      ...tab,
      evaluate: async (expression) => {
        const wrapped = `({ url: location.href, value: ${expression} })`
        const { url, value = null } = await tab.evaluate<{ url: string; value?: unknown }>(wrapped)
        this.#url = url
        return value as never
      },
      close: async () => {
        this.#isClosed = true
        await tab.close()
      },
    }
    this.#isOpen = () => context.isOpen(tab)
  }

  readonly #isOpen: () => Promise<boolean>

  get clock(): Clock {
    return this.#context.clock
  }

  context(): BrowserContext {
    return this.#context
  }

  url(): string {
    return this.#url
  }

  isClosed(): boolean {
    return this.#isClosed
  }

  markClosed(): void {
    this.#isClosed = true
  }

  close(): Promise<void> {
    return this.tab.close()
  }

  goto(url: string): Promise<void> {
    return this.#navigate(() => this.tab.goto(url))
  }

  reload(): Promise<void> {
    return this.#navigate(() => this.tab.reload())
  }

  goBack(): Promise<void> {
    return this.#navigate(() => this.tab.back())
  }

  goForward(): Promise<void> {
    return this.#navigate(() => this.tab.forward())
  }

  async evaluate<Result, Arg = void>(script: Script<Arg, Result>, arg?: Arg): Promise<Result> {
    const value =
      typeof script === 'string'
        ? `(0, eval)(${JSON.stringify(script)})`
        : `(${script})(pageTools.fromText(${JSON.stringify(toText(arg))}))`
    const text = await this.#call<string>(
      `(async () => {
        const value = await ${value}
        await globalThis.reportsArrived?.()
        return pageTools.toText(value)
      })()`,
    )
    return fromText(text) as Result
  }

  async addInitScript(script: InitScript, arg?: unknown): Promise<void> {
    this.initScripts.push(sourceOf(script, arg))
  }

  async waitForFunction<Result, Arg = void>(
    script: string | ((arg: Arg) => Result),
    arg?: Arg,
  ): Promise<Handle<Result>> {
    const evaluate = async () => {
      try {
        return (await this.evaluate<Result, Arg>(script, arg)) || null
      } catch (error) {
        if (error instanceof PageError || this.#isClosed || !(await this.#isOpen())) throw error
        // The page navigates.
        return null
      }
    }
    const value = await waitForValue({ evaluate }, String(script))
    return { jsonValue: async () => value }
  }

  async waitForURL(expected: string | ((url: URL) => boolean)): Promise<void> {
    const isExpected = typeof expected === 'string' ? matchGlob(expected) : expected
    const evaluate = async () => {
      // A page begins as about:blank, which is complete.
      const loaded = await this.tab
        .evaluate<string>("document.readyState === 'complete' ? location.href : ''")
        .catch(() => '')
      return [loaded, this.#url].every((url) => url !== '' && isExpected(new URL(url))) ? true : null
    }
    await waitForValue({ evaluate }, `the URL ${expected}`)
  }

  async waitForEvent(event: 'popup'): Promise<EnginePage>
  async waitForEvent(event: 'close' | 'load'): Promise<unknown>
  async waitForEvent(event: 'popup' | 'close' | 'load'): Promise<unknown> {
    if (event === 'popup') return this.#context.waitForPage()
    if (event === 'load') throw new Error('waitForEvent("load") is only in Chromium: use waitForURL')
    const evaluate = async () => ((await this.#isOpen()) ? null : true)
    await waitForValue({ evaluate }, 'the end of the page')
    this.#isClosed = true
    return undefined
  }

  on<Name extends keyof PageEvents>(event: Name, listener: (value: PageEvents[Name]) => unknown): void {
    this.#context.reportEvents()
    this.events.on(event, listener)
  }

  locator(selector: string): Locator {
    return new EngineLocator(this, [{ by: 'css', selector }])
  }

  getByRole(
    role: Role,
    {
      name,
      exact = false,
      description,
    }: { name?: string | RegExp; exact?: boolean; description?: string } = {},
  ): Locator {
    const matcher = name === undefined ? undefined : matcherOf(name, exact)
    return new EngineLocator(this, [{ by: 'role', role, name: matcher, description }])
  }

  getByLabel(text: string): Locator {
    return new EngineLocator(this, [{ by: 'label', matcher: matcherOf(text) }])
  }

  getByText(text: string | RegExp, { exact = false }: { exact?: boolean } = {}): Locator {
    return new EngineLocator(this, [{ by: 'text', matcher: matcherOf(text, exact) }])
  }

  getByTestId(id: string): Locator {
    return this.locator(`[data-testid="${id}"]`)
  }

  runTool<Value>(expression: string): Promise<Value> {
    return this.#call(`pageTools.${expression}`)
  }

  async waitForTool<Value>(expression: string): Promise<Value> {
    const evaluate = async () => {
      let result: { value?: Value; error?: string }
      try {
        await this.#ensureTools()
        result = await this.tab.evaluate(
          `(() => {
            if (!globalThis.pageTools) return {}
            try { return { value: ${expression} } } catch (error) { return { error: String(error) } }
          })()`,
        )
      } catch (error) {
        if (this.#isClosed || !(await this.#isOpen())) throw error
        return null
      }
      if (result.error !== undefined) throw new Error(result.error)
      return result.value ?? null
    }
    return waitForValue({ evaluate }, expression) as Promise<Value>
  }

  get keyboard(): Page['keyboard'] {
    throw onlyChromium('keyboard')
  }

  frames(): ReturnType<Page['frames']> {
    throw onlyChromium('frames')
  }

  async screenshot(): Promise<void> {
    throw onlyChromium('screenshot')
  }

  async setViewportSize(): Promise<void> {
    throw onlyChromium('setViewportSize')
  }

  async emulateMedia(): Promise<void> {
    throw onlyChromium('emulateMedia')
  }

  async route(): Promise<void> {
    throw onlyChromium('route')
  }

  async unroute(): Promise<void> {
    throw onlyChromium('unroute')
  }

  async #navigate(run: () => Promise<void>): Promise<void> {
    await this.#context.navigate(this, run)
    await this.tab.evaluate('0')
  }

  /** Calls an expression that uses the tools, and waits for its result. */
  async #call<Value>(expression: string): Promise<Value> {
    for (;;) {
      await this.#ensureTools()
      // The page may have navigated since then.
      const call = await startCall<{ value?: Value } | null>(
        this.tab,
        `globalThis.pageTools ? (async () => ({ value: await ${expression} }))() : null`,
      )
      const result = await call.result()
      if (result) return result.value as Value
    }
  }

  /** A document that the proxy did not change has no tools. */
  async #ensureTools(): Promise<void> {
    if (await this.tab.evaluate('globalThis.pageTools !== undefined')) return
    // An indirect eval would not work on a page whose policy forbids it. The page may have the tools by now.
    const inject = `if (!globalThis.pageTools) { ${this.#tools.bundle}; globalThis.pageTools = pageTools }`
    await this.tab.evaluate(`(() => { ${inject} })()`)
  }
}

function onlyChromium(name: string): Error {
  return new Error(`${name} is only in Chromium: add a need to engine-limits.ts, or implement it`)
}

/** Returns a function that compares URLs with a pattern in which `**` matches any text. */
function matchGlob(pattern: string): (url: URL) => boolean {
  const source = pattern
    .split('**')
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*')
  return ({ href }) => new RegExp(`^${source}$`).test(href)
}
