// In milliseconds.
const shortest = 1000
const longest = 60_000

/** Keeps renewals in the background apart: one second after a success, and longer after each failure. */
export class Backoff {
  #until = 0
  #next = shortest

  isOver(): boolean {
    return performance.now() >= this.#until
  }

  afterSuccess(): void {
    this.#next = shortest
    this.#until = performance.now() + shortest
  }

  /** At random, so that not all who failed together come back together. */
  afterFailure(): void {
    this.#until = performance.now() + this.#next * (0.5 + Math.random() / 2)
    this.#next = Math.min(this.#next * 2, longest)
  }
}
