import { commandTime } from './engine.ts'

/** A session of WebDriver (https://www.w3.org/TR/webdriver2). It runs one command at a time. */
export interface WebDriver {
  /** Sends a command of the session, in a window if it needs one. */
  send<Value>(
    method: 'GET' | 'POST' | 'DELETE',
    command: string,
    body?: object,
    window?: string,
  ): Promise<Value>
}

/** Starts a session with a server of WebDriver. */
export async function startWebDriver(origin: string): Promise<WebDriver> {
  const { sessionId } = await request<{ sessionId: string }>('POST', `${origin}/session`, {
    capabilities: { alwaysMatch: {} },
  })
  const session = `${origin}/session/${sessionId}`
  let current: string | undefined
  let last: Promise<unknown> = Promise.resolve()

  async function switchTo(window: string): Promise<void> {
    if (current === window) return
    await request('POST', `${session}/window`, { handle: window })
    current = window
  }

  return {
    send(method, command, body, window) {
      const run = async () => {
        if (window !== undefined) await switchTo(window)
        return request<never>(method, session + command, body)
      }
      const running = last.then(run, run)
      last = running
      return running
    },
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
