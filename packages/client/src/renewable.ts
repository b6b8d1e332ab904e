/** A value that can go stale, and be renewed: by one call of its function at a time, for any number of callers. */
export class Renewable<T> {
  #value: T | undefined
  readonly #renew: ((stale: T) => Promise<T>) | undefined
  #running: { stale: T; done: Promise<void> } | undefined

  constructor(value: T | undefined, renew: ((stale: T) => Promise<T>) | undefined) {
    this.#value = value
    this.#renew = renew
  }

  get value(): T | undefined {
    return this.#value
  }

  /** Sets or, with undefined, removes the value. A renewal that is under way does not undo that. */
  set(value: T | undefined): void {
    this.#value = value
  }

  /** Whether something else than the stale value can be had: it has been replaced or removed, or can be renewed. */
  canReplace(stale: T): boolean {
    return this.#value !== stale || this.#renew !== undefined
  }

  /**
   * Gives what stands in the place of a stale value: what has replaced it by now, or the result of its renewal;
   * undefined where it was removed. Rejects with what the renewal does, which is tried anew the next time.
   */
  async replace(stale: T): Promise<T | undefined> {
    if (this.#value === stale && this.#renew) {
      // One that was begun for an earlier value does not help this one.
      if (this.#running?.stale !== stale) {
        const running = { stale, done: this.#run(stale, this.#renew) }
        this.#running = running
        const end = () => {
          if (this.#running === running) this.#running = undefined
        }
        running.done.then(end, end)
      }
      await this.#running?.done
    }
    return this.#value
  }

  async #run(stale: T, renew: (stale: T) => Promise<T>): Promise<void> {
    const value = await renew(stale)
    if (this.#value === stale) this.#value = value
  }
}
