import { randomUUID } from 'node:crypto'
import { hangTime } from '../time.ts'

/*
 * The drivers of the three engines of browsers: what differs between them, and no more. `engine-browser.ts` puts the
 * interface of page tests over them. Tests of the life of a page use them directly.
 */

/** An engine that tests can start. */
export interface Engine {
  readonly name: 'Chromium' | 'Firefox' | 'WebKit'
  /** How to install it, or false if it is installed. */
  readonly isMissing: string | false
  launch(options?: LaunchOptions): Promise<EngineBrowser>
}

interface LaunchOptions {
  /** Whether all windows are private windows. */
  isPrivate?: boolean
}

export interface EngineBrowser {
  version(): string
  /** Creates an empty profile. Its requests go through the HTTP proxy at `proxy`, a host and a port. */
  newProfile(options?: { proxy?: string }): Promise<EngineProfile>
  /** Ends all processes of the browser. */
  close(): Promise<void>
}

/** Tabs that share cookies and storage. Each origin has separate storage. */
export interface EngineProfile {
  /** Opens a tab in front of the others, or a window. WebKit shows only its first tab, but each window. */
  open(type: 'tab' | 'window'): Promise<EngineTab>
  /** Returns the open tabs, with those that pages have opened. */
  tabs(): Promise<readonly EngineTab[]>
  close(): Promise<void>
}

/** A tab. Each function rejects after `commandTime`, so that a browser that hangs fails its test. */
export interface EngineTab {
  /** Evaluates an expression, and returns its value as JSON. Does not wait for a promise. */
  evaluate<Value>(expression: string): Promise<Value>
  /** Goes to another page, and waits until it is loaded. */
  goto(url: string): Promise<void>
  /** Loads the page again, as the user does with F5, and waits until it is loaded. */
  reload(): Promise<void>
  /** Returns to the previous page, and waits until it is there. */
  back(): Promise<void>
  /** Goes to the next page of the history, and waits until it is there. */
  forward(): Promise<void>
  /** Clicks on the element that an expression returns, as the user does. Returns false if it returns null. */
  click(expression: string): Promise<boolean>
  /** Returns the cookies of the page. */
  cookies(): Promise<unknown[]>
  close(): Promise<void>
}

/** The time limit of a command of a tab, in milliseconds. It only ends tests that hang. */
export const commandTime = 60_000

/** Rejects if a command takes longer than `commandTime`. */
export async function withLimit<Value>(command: string, running: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${command} took longer than ${commandTime} ms`)), commandTime)
  })
  try {
    return await Promise.race([running, late])
  } finally {
    clearTimeout(timer)
  }
}

const pollInterval = 20

/** Waits until an expression in a tab has a value that is neither null nor undefined, and returns this value. */
export async function waitForValue<Value>(
  tab: { evaluate(expression: string): Promise<Value | null> },
  expression: string,
): Promise<Value> {
  const until = performance.now() + hangTime
  for (;;) {
    const value = await tab.evaluate(expression)
    if (value !== null) return value
    if (performance.now() > until) throw new Error(`${expression} has no value after ${hangTime} ms`)
    await new Promise((resolve) => setTimeout(resolve, pollInterval))
  }
}

/** A call that runs in a page. */
export interface PageCall<Value> {
  /** Waits for the result. */
  result(): Promise<Value>
}

/** An error of the code that a call has run in a page. */
export class PageError extends Error {}

/**
 * Starts an asynchronous call in a page and does not wait for it. WebDriver runs one command at a time, so a test starts
 * the calls in all tabs before it waits for a result. The result is JSON. It rejects with a
 * `PageError`, or another error if the page is left.
 */
export async function startCall<Value>(tab: EngineTab, expression: string): Promise<PageCall<Value>> {
  const id = JSON.stringify(randomUUID())
  await tab.evaluate(`void (() => {
    const call = (globalThis.startedCalls ??= {})[${id}] = {}
    new Promise((resolve) => resolve(${expression})).then(
      (value) => { call.settled = { value } },
      (error) => { call.settled = { error: String(error) } },
    )
  })()`)
  return {
    async result() {
      const settled = `startedCalls[${id}].settled`
      const { value, error } = await waitForValue<{ value: Value; error?: string }>(tab, settled)
      if (error !== undefined) throw new PageError(`${expression}: ${error}`)
      return value
    },
  }
}
