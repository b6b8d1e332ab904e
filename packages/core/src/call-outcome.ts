import { neverConnected } from '#platform'
import type { PDSOutcome } from './pds-error.ts'

const bySeverity: readonly PDSOutcome[] = ['not-sent', 'answered', 'unknown']

/** Keeps what is known of the fate of a call over all of its attempts. */
export class CallOutcome {
  /** That of the attempt that did the most: once the fate of one is unknown, so is that of the call. */
  ofCall: PDSOutcome = 'not-sent'
  /** The status of the answer, -1 before it has come, undefined before the attempt is sent. */
  #status: number | undefined

  /** An attempt leaves this machine. */
  sending(): void {
    this.#status = -1
  }

  /** The status of its answer has come: whatever happens to the body, the server has decided. */
  arrived(status: number): void {
    this.#status = status
  }

  /** An attempt has ended, with an error or because the caller gave up. Gives the outcome of the attempt. */
  settle(error?: unknown): PDSOutcome {
    const status = this.#status
    this.#status = undefined
    const isUnsent = status === undefined || (status < 0 && neverConnected(error))
    const outcome = isUnsent ? 'not-sent' : outcomeOfStatus(status)
    if (bySeverity.indexOf(outcome) > bySeverity.indexOf(this.ofCall)) this.ofCall = outcome
    return outcome
  }
}

/**
 * A server that refuses a request (4xx), throttles it (429) or is unavailable (503) has not carried it out (RFC 9110
 * section 15). One that failed (5xx) may have before, and one that redirects (3xx, or 0 as browsers show that) may lead
 * to the result. A call that failed although its answer was a success has most likely spent what it sent.
 */
function outcomeOfStatus(status: number): PDSOutcome {
  return (status >= 400 && status < 500) || status === 503 ? 'answered' : 'unknown'
}
