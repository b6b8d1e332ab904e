import { neverConnected } from '#platform'
import type { PDSOutcome } from './pds-error.ts'

const bySeverity: readonly PDSOutcome[] = ['not-sent', 'answered', 'unknown']

/** Keeps what is known of the fate of a call over all of its attempts. */
export class CallOutcome {
  /** That of the attempt that did the most: once the fate of one is unknown, so is that of the call. */
  ofCall: PDSOutcome = 'not-sent'
  #attempt: 'idle' | 'sent' | number = 'idle'

  /** An attempt leaves this machine. */
  sending(): void {
    this.#attempt = 'sent'
  }

  /** The status of its answer has come: whatever happens to the body, the server has decided. */
  arrived(status: number): void {
    this.#attempt = status
  }

  /** An attempt has ended, with an error or because the caller gave up. Gives the outcome of the attempt. */
  settle(error?: unknown): PDSOutcome {
    const attempt = this.#attempt
    this.#attempt = 'idle'
    const outcome =
      attempt === 'idle' || (attempt === 'sent' && neverConnected(error))
        ? 'not-sent'
        : outcomeOfStatus(attempt)
    if (bySeverity.indexOf(outcome) > bySeverity.indexOf(this.ofCall)) this.ofCall = outcome
    return outcome
  }
}

/**
 * A server that refuses a request (4xx), throttles it (429) or is unavailable (503) has not carried it out (RFC 9110
 * section 15). One that failed (5xx) may have before, and one that redirects (3xx, or 0 as browsers show that) may lead
 * to the result. A call that failed although its answer was a success has most likely spent what it sent.
 */
function outcomeOfStatus(status: number | 'sent'): PDSOutcome {
  return (Number(status) >= 400 && Number(status) < 500) || status === 503 ? 'answered' : 'unknown'
}
