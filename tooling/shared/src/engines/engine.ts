/*
 * The interface between tests and the three engines of browsers. Tests of what every browser must do run once in each
 * engine. Tests that need more of a browser use Chromium through `shared/browser`.
 */

/** An engine that tests can start. */
export interface Engine {
  readonly name: 'Chromium' | 'Firefox' | 'WebKit'
  /** How to install it, or false if it is installed. */
  readonly isMissing: string | false
  launch(): Promise<EngineBrowser>
}

/** A browser with an empty profile, which all its tabs share. Each origin has separate storage. */
export interface EngineBrowser {
  /** Opens a tab in front of the others. WebKit shows only its first tab. */
  open(url: string): Promise<EngineTab>
  /** Ends all processes of the browser. */
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
  close(): Promise<void>
}

/** The time limit of a command of a tab, and of a call in a page, in milliseconds. It only ends tests that hang. */
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
  const until = performance.now() + commandTime
  for (;;) {
    const value = await tab.evaluate(expression)
    if (value !== null) return value
    if (performance.now() > until) throw new Error(`${expression} has no value after ${commandTime} ms`)
    await new Promise((resolve) => setTimeout(resolve, pollInterval))
  }
}

/** A call that runs in a page. */
export interface PageCall<Value> {
  /** Waits for the result. */
  result(): Promise<Value>
}

/**
 * Starts an asynchronous call in a page and does not wait for it. WebDriver runs one command at a time, so a test starts
 * the calls in all tabs before it waits for a result.
 */
export async function startCall<Value>(tab: EngineTab, expression: string): Promise<PageCall<Value>> {
  const index = await tab.evaluate<number>(`(() => {
    const calls = (globalThis.startedCalls ??= [])
    const call = {}
    new Promise((resolve) => resolve(${expression})).then(
      (value) => { call.settled = { value } },
      (error) => { call.settled = { error: String(error) } },
    )
    return calls.push(call) - 1
  })()`)
  return {
    async result() {
      const settled = `startedCalls[${index}].settled`
      const { value, error } = await waitForValue<{ value: Value; error?: string }>(tab, settled)
      if (error !== undefined) throw new Error(`${expression}: ${error}`)
      return value
    },
  }
}
