export interface WatchOptions {
  /** The path at which the proxy answers calls. */
  callPath: string
  /** The names of the functions to define. */
  functions: readonly string[]
  /** Whether the test listens to a context or a page. */
  reportsEvents: boolean
}

/**
 * Runs in each document before its scripts: reports its console, its errors and its navigations, and defines the
 * functions of the test.
 *
 * Only globals that exist at this time are used later: tests replace some.
 */
export function watchPage({ callPath, functions, reportsEvents }: WatchOptions): void {
  const { fetch, location, console } = globalThis
  const { parse, stringify } = JSON
  const { origin } = location
  if (!origin.startsWith('http') && origin !== 'null') return
  const base = new URL(callPath, document.baseURI).href
  const send = async (name: string, argument: unknown): Promise<unknown> => {
    const response = await fetch(base + name, {
      method: 'POST',
      body: stringify(argument),
      keepalive: true,
    })
    const { value, error } = await response.json()
    if (error !== undefined) throw new Error(error)
    return value
  }
  const pending = new Set<Promise<unknown>>()
  const track = (sending: Promise<unknown>): Promise<unknown> => {
    const settled = sending.catch(() => undefined)
    pending.add(settled)
    settled.finally(() => pending.delete(settled))
    return sending
  }
  Object.assign(globalThis, { reportsArrived: () => Promise.all(pending) })
  for (const name of functions) {
    Object.assign(globalThis, { [name]: (...args: unknown[]) => track(send(`function/${name}`, args)) })
  }
  if (!reportsEvents) return

  const report = (event: string, detail: object) => {
    track(send(event, detail)).catch(() => undefined)
  }

  const toJson = (value: unknown): unknown => {
    try {
      return parse(stringify(value) ?? 'null')
    } catch {
      return null
    }
  }
  for (const type of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    const original = console[type]
    console[type] = (...args: unknown[]) => {
      report('console', {
        type,
        text: args.map(String).join(' '),
        args: args.map(toJson),
        url: location.href,
      })
      original.apply(console, args)
    }
  }
  const reportError = (error: unknown) => {
    const { name = 'Error', message = String(error), stack = '' } = (error ?? {}) as Partial<Error>
    report('error', { name, message, stack: `${name}: ${message}\n${stack}` })
  }
  addEventListener('error', ({ error, message }) => {
    if (error ?? message) reportError(error ?? message)
  })
  addEventListener('unhandledrejection', ({ reason }) => reportError(reason))

  const reportUrl = (url: string) => report('navigation', { url })
  reportUrl(location.href)
  addEventListener('hashchange', ({ newURL }) => reportUrl(newURL))
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name]
    history[name] = function (this: History, ...given) {
      original.apply(this, given)
      reportUrl(location.href)
    }
  }
}
