import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

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
  const ended = once(child, 'exit')
  return {
    async ask(order) {
      child.send(order as object)
      const message = await nextMessage<Answer>(child, ended)
      if ('failure' in message) throw new Error(`an order to ${file.pathname} failed: ${message.failure}`)
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

async function nextMessage<Answer>(child: ChildProcess, ended: Promise<unknown[]>): Promise<Message<Answer>> {
  const controller = new AbortController()
  const { signal } = controller
  const died = ended.then(([code]) => {
    throw new Error(`a process ended with ${code} before it had answered`)
  })
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), died])
    return message
  } finally {
    controller.abort()
  }
}
