/*
 * The whole interface between page tests and a browser. The members have the names and the behaviour of Playwright, which
 * drives Chromium. `shared/engines` implements it for Firefox and WebKit.
 *
 * Only Chromium can do what is in chromium.ts and freeze-page.ts.
 */

/** The browser of a test file. */
export interface Browser {
  /** The version, such as `156.0.8078.108`. */
  version(): string
  /** Opens a profile that shares no storage with other contexts. */
  newContext(options?: ContextOptions): Promise<BrowserContext>
  /** Closes the contexts that this file has opened. */
  close(): Promise<void>
}

/** The settings of a user, as the pages of a context see them. */
export interface ContextOptions {
  colorScheme?: 'light' | 'dark'
  forcedColors?: 'active'
  javaScriptEnabled?: boolean
  locale?: string
  timezoneId?: string
  viewport?: Size
}

/** In CSS pixels. */
interface Size {
  width: number
  height: number
}

/** A profile, whose pages share cookies and storage. */
export interface BrowserContext {
  newPage(): Promise<Page>
  pages(): Page[]
  /** Runs a script in every page of the context before any other. */
  addInitScript(script: (() => void) | { content: string }): Promise<unknown>
  /** Puts a function into every page that runs in the test. */
  exposeFunction<Args extends unknown[]>(name: string, callback: (...args: Args) => unknown): Promise<unknown>
  cookies(): Promise<unknown[]>
  setOffline(offline: boolean): Promise<void>
  on<Name extends keyof ContextEvents>(
    event: Name,
    listener: (value: ContextEvents[Name]) => unknown,
  ): unknown
  waitForEvent(event: 'page'): Promise<Page>
  close(): Promise<void>
}

export interface ContextEvents {
  page: Page
  console: ConsoleMessage
  request: PageRequest
  /** An uncaught error in a page. */
  weberror: { error(): Error }
}

export interface PageEvents {
  console: ConsoleMessage
  framenavigated: { url(): string }
  pageerror: Error
  request: PageRequest
}

interface ConsoleMessage {
  type(): string
  text(): string
  args(): { jsonValue(): Promise<unknown> }[]
  location(): { url: string }
}

interface PageRequest {
  url(): string
  postData(): string | null
}

/** A tab or a popup. */
export interface Page {
  context(): BrowserContext
  url(): string
  goto(url: string): Promise<unknown>
  reload(): Promise<unknown>
  goBack(): Promise<unknown>
  goForward(): Promise<unknown>
  close(): Promise<void>
  isClosed(): boolean

  /** Runs a script in the page, and returns its settled result. */
  evaluate<Result>(script: string | (() => Result | Promise<Result>)): Promise<Result>
  evaluate<Result, Arg>(script: (arg: Arg) => Result | Promise<Result>, arg: Arg): Promise<Result>
  /** Runs a script in each document of the page before any other. */
  addInitScript(script: (() => void) | { content: string }): Promise<unknown>
  addInitScript<Arg>(script: (arg: Arg) => void, arg: Arg): Promise<unknown>
  /** Waits until a script returns a truthy value. */
  waitForFunction<Result>(script: string | (() => Result)): Promise<Handle<Result>>
  waitForFunction<Result, Arg>(script: (arg: Arg) => Result, arg: Arg): Promise<Handle<Result>>
  waitForURL(url: string | ((url: URL) => boolean), options?: { waitUntil: 'commit' }): Promise<void>
  waitForEvent(event: 'popup'): Promise<Page>
  waitForEvent(event: 'close' | 'load'): Promise<unknown>
  on<Name extends keyof PageEvents>(event: Name, listener: (value: PageEvents[Name]) => unknown): unknown

  /** Find elements by a CSS selector, or by their role, label, text or test id. */
  locator(selector: string): Locator
  getByRole(role: Role, options?: { name?: string | RegExp; exact?: boolean; description?: string }): Locator
  getByLabel(text: string): Locator
  getByText(text: string | RegExp, options?: { exact?: boolean }): Locator
  getByTestId(id: string): Locator
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> }
  frames(): { locator(selector: string): Locator }[]

  screenshot(options: { path: string; fullPage: boolean; animations: 'disabled' }): Promise<unknown>
  setViewportSize(size: Size): Promise<void>
  emulateMedia(media: { colorScheme?: 'light' | 'dark'; forcedColors?: 'active' }): Promise<void>
  /** Handles requests whose address matches a pattern, before they reach their server. */
  route(
    pattern: string,
    handler: (route: Route) => Promise<unknown> | unknown,
    options?: { times: number },
  ): Promise<unknown>
  unroute(pattern: string): Promise<void>
  /** The clock of all pages of the context. */
  readonly clock: Clock
}

export type Role = 'alert' | 'button' | 'heading' | 'link' | 'status' | 'textbox'

export interface Handle<Value> {
  jsonValue(): Promise<Value>
}

interface Route {
  abort(reason: 'internetdisconnected'): Promise<void>
  continue(): Promise<void>
  fulfill(response: { status: number; body?: string }): Promise<void>
}

/** Times are in milliseconds. */
export interface Clock {
  install(options?: { time?: number }): Promise<void>
  pauseAt(time: number): Promise<void>
  resume(): Promise<void>
  /** Advances the clock, and runs each timer at its time. */
  runFor(milliseconds: number): Promise<void>
  /** Jumps ahead, as after a computer slept: each due timer runs once. */
  fastForward(milliseconds: number): Promise<void>
}

/** A description of elements, looked up at each use. Actions wait until one element matches. */
export interface Locator {
  locator(selector: string): Locator
  getByText(text: string | RegExp, options?: { exact?: boolean }): Locator
  filter(options: { hasText?: string; visible?: boolean }): Locator
  first(): Locator
  last(): Locator
  nth(index: number): Locator
  count(): Promise<number>
  click(): Promise<void>
  dblclick(): Promise<void>
  focus(): Promise<void>
  fill(value: string): Promise<void>
  press(key: string): Promise<void>
  waitFor(options?: { state: 'detached' | 'hidden' }): Promise<void>
  isVisible(): Promise<boolean>
  inputValue(): Promise<string>
  textContent(): Promise<string | null>
  allTextContents(): Promise<string[]>
  getAttribute(name: string): Promise<string | null>
  evaluate<Result>(script: (element: HTMLElement) => Result): Promise<Result>
  evaluate<Result, Arg>(script: (element: HTMLElement, arg: Arg) => Result, arg: Arg): Promise<Result>
}
