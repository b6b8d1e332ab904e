import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

/** What a process answers an order with. */
type Message<Answer> = { answer: Answer } | { failure: string }

/** A process that is given orders and answers each of them, one at a time. */
export interface AskedProcess<Order, Answer> {
  /** Rejects where the process fails, or ends. */
  ask(order: Order): Promise<Answer>
  end(): Promise<void>
}

/** Starts a file that calls `answerOrders` as a process. */
export function startProcess<Order, Answer>(
  file: URL,
  flags: readonly string[] = [],
): AskedProcess<Order, Answer> {
  const child = fork(file, {
    stdio: 'inherit',
    execArgv: ['--disable-warning=ExperimentalWarning', ...flags],
  })
  const name = path.basename(file.pathname)
  const ended = once(child, 'exit')
  const died = ended.then(([code, signal]) => {
    throw new Error(`${name} ended with ${code ?? signal} before it had answered`)
  })
  // Who asks is told.
  died.catch(() => undefined)
  return {
    async ask(order) {
      // Where it cannot be sent, the process has ended, which is what is reported.
      child.send(order as object, () => undefined)
      const message = await nextMessage<Answer>(child, died)
      if ('failure' in message) throw new Error(`an order to ${name} failed: ${message.failure}`)
      return message.answer
    },
    async end() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

/** Carries out the orders of who started this process, and ends with it. */
export function answerOrders<Order, Answer>(carryOut: (order: Order) => Promise<Answer>): void {
  process.on('message', async (order: Order) => {
    const message: Message<Answer> = await carryOut(order).then(
      (answer) => ({ answer }),
      (error) => ({ failure: String(error?.stack ?? error) }),
    )
    // Who has asked may be gone by now.
    process.send?.(message, () => undefined)
  })
  process.on('disconnect', () => process.exit())
}

async function nextMessage<Answer>(child: ChildProcess, died: Promise<never>): Promise<Message<Answer>> {
  const controller = new AbortController()
  const { signal } = controller
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), died])
    return message
  } finally {
    controller.abort()
  }
}
