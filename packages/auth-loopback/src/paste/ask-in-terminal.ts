import { createInterface, type Interface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import type { PDSError } from '@pds/core'

/** Asks the user for the address of the callback. Returns undefined if the user cannot paste any more. */
export type AskForAddress = (request: {
  signal: AbortSignal
  error?: PDSError | undefined
}) => Promise<string | undefined>

/**
 * Returns a function that asks on the standard error and reads lines of the standard input. The end of the input ends only
 * the pasting.
 *
 * The terminal keeps its line mode, so that Ctrl+C and Ctrl+Z work as usual, and nothing has to be restored after a crash.
 */
export function askInTerminal(): AskForAddress {
  let lines: InputLines | undefined
  return async ({ signal, error }) => {
    lines ??= new InputLines(signal)
    process.stderr.write(error ? `${error.message}\n` : '')
    process.stderr.write('Or paste the address that the browser shows after the sign-in: ')
    const line = await lines.next()
    // Ends the line of the prompt.
    if (line === undefined) process.stderr.write('\n')
    return line
  }
}

/** The lines of the standard input, until a signal is aborted. The input is paused then. */
class InputLines {
  readonly #lines: string[] = []
  readonly #reader: Interface
  #isClosed = false
  #wake = () => {}

  constructor(signal: AbortSignal) {
    const { stdin } = process
    this.#reader = createInterface({ input: stdin, terminal: false })
    const close = () => this.#reader.close()
    this.#reader.on('line', (line) => {
      this.#lines.push(line)
      this.#wake()
    })
    this.#reader.once('close', () => {
      this.#isClosed = true
      stdin.off('error', close)
      this.#wake()
    })
    // For example EIO, after the terminal was closed.
    stdin.on('error', close)
    signal.addEventListener('abort', close)
    if (signal.aborted) close()
  }

  /** Returns the next line, with those that were pasted together with it. */
  async next(): Promise<string | undefined> {
    while (this.#lines.length === 0) {
      if (this.#isClosed) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    // A terminal gives one line in each turn of the event loop.
    for (let count = 0; count < this.#lines.length; ) {
      count = this.#lines.length
      await setImmediate()
      await setImmediate()
    }
    return this.#lines.splice(0).join('\n')
  }
}
