import { commandTime } from './engine.ts'

/** A session of WebDriver (https://www.w3.org/TR/webdriver2). It runs one command at a time. */
export interface WebDriver {
  readonly version: string
  /** Sends a command of the session, in a window if it needs one. */
  send<Value>(
    method: 'GET' | 'POST' | 'DELETE',
    command: string,
    body?: object,
    window?: string,
  ): Promise<Value>
  /** Runs commands of a window without other commands between them. */
  run<Value>(window: string, commands: (send: WebDriver['send']) => Promise<Value>): Promise<Value>
}

/** Starts a session with a server of WebDriver, which has these capabilities. */
export async function startWebDriver(origin: string, capabilities: object): Promise<WebDriver> {
  const { sessionId, capabilities: actual } = await request<{
    sessionId: string
    capabilities: { browserVersion: string }
  }>('POST', `${origin}/session`, { capabilities: { alwaysMatch: capabilities } })
  const session = `${origin}/session/${sessionId}`
  let current: string | undefined
  let last: Promise<unknown> = Promise.resolve()

  const send: WebDriver['send'] = async (method, command, body, window) => {
    if (window !== undefined && current !== window) {
      await request('POST', `${session}/window`, { handle: window })
      current = window
    }
    return request(method, session + command, body)
  }
  const enqueue = <Value>(run: () => Promise<Value>): Promise<Value> => {
    const running = last.then(run, run)
    last = running
    return running
  }
  return {
    version: actual.browserVersion,
    send: (...command) => enqueue(() => send(...command)),
    run: (window, commands) =>
      enqueue(() => commands((method, command, body) => send(method, command, body, window))),
  }
}

/** Sends a command. Rejects with the error of the server, or after `commandTime`. */
export async function request<Value>(method: string, url: string, body?: object): Promise<Value> {
  const response = await fetch(url, {
    method,
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(commandTime),
  })
  const { value } = (await response.json()) as { value: Value & { message?: string } }
  if (!response.ok) throw new Error(`WebDriver: ${method} ${new URL(url).pathname}: ${value.message}`)
  return value
}
