import type { PDSOutcome } from './pds-error.ts'

/** Keeps what is known of the fate of a call over all of its attempts. */
export class CallOutcome {
  #known: PDSOutcome = 'not-sent'
  #inFlight = false

  /** An attempt leaves this machine. */
  sending(): void {
    this.#inFlight = true
  }

  /** An attempt has ended. Once the fate of one is unknown, so is that of the whole call. */
  settle(latest: PDSOutcome): PDSOutcome {
    this.#inFlight = false
    if (this.#known !== 'unknown') this.#known = latest
    return this.#known
  }

  /** The caller gives up: an attempt that is under way may still arrive. */
  abandon(): PDSOutcome {
    return this.#inFlight ? this.settle('unknown') : this.#known
  }
}
