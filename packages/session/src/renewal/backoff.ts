// In milliseconds.
const minDelay = 1000
const maxDelay = 60_000

/** The delay between background renewals: 1 second after a success, doubled up to 1 minute with each failure. */
export class Backoff {
  #until = 0
  #nextDelay = minDelay

  isOver(): boolean {
    return performance.now() >= this.#until
  }

  afterSuccess(): void {
    this.#nextDelay = minDelay
    this.#until = performance.now() + minDelay
  }

  /** Starts a random delay, so that processes that failed together do not retry together. */
  afterFailure(): void {
    this.#until = performance.now() + this.#nextDelay * (0.5 + Math.random() / 2)
    this.#nextDelay = Math.min(this.#nextDelay * 2, maxDelay)
  }
}
