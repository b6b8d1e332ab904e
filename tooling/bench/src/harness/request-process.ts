import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** The message that a process sends for each request. */
type Message<Output> = { output: Output } | { failure: string }

/** A child process that handles one request at a time. */
export interface RequestProcess<Input, Output> {
  /** Sends a request and returns the response. Rejects if the handler throws or the process ends. */
  request(input: Input): Promise<Output>
  /** Ends the process. Rejects if it has failed before: that explains failed requests to its server. */
  end(): Promise<void>
}

/** Starts a file that calls `serveRequests` as a child process. */
export function startProcess<Input, Output>(
  file: URL,
  flags: readonly string[] = [],
): RequestProcess<Input, Output> {
  const child = fork(file, {
    stdio: 'inherit',
    execArgv: ['--disable-warning=ExperimentalWarning', ...flags],
  })
  const ended = once(child, 'exit')
  const failed = ended.then(([code, signal]) => {
    throw new Error(`${path.basename(file.pathname)} ended unexpectedly with ${code ?? signal}`)
  })
  // The caller of request or end gets the error.
  failed.catch(() => undefined)
  return {
    async request(input) {
      // If the message cannot be sent, the process has ended, and the next line throws.
      child.send(input as object, () => undefined)
      const message = await nextMessage<Output>(child, failed)
      if ('failure' in message) {
        throw new Error(`a request to ${path.basename(file.pathname)} failed: ${message.failure}`)
      }
      return message.output
    },
    async end() {
      if (child.connected) child.disconnect()
      const [code] = await ended
      if (code !== 0) await failed
    },
  }
}

/** Handles the requests of the parent process, and exits when the parent disconnects. */
export function serveRequests<Input, Output>(handle: (input: Input) => Promise<Output>): void {
  process.on('message', async (input: Input) => {
    const message: Message<Output> = await handle(input).then(
      (output) => ({ output }),
      (error) => ({ failure: String(error?.stack ?? error) }),
    )
    // Ignores errors: the parent may have ended.
    process.send?.(message, () => undefined)
  })
  process.on('disconnect', () => process.exit())
}

async function nextMessage<Output>(child: ChildProcess, failed: Promise<never>): Promise<Message<Output>> {
  const controller = new AbortController()
  const { signal } = controller
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), failed])
    return message
  } finally {
    controller.abort()
  }
}
