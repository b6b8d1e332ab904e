/** How a value is renewed. */
export interface Renewal<T> {
  /** Gives the value that follows a stale one, or the first one. */
  renew(stale: T | undefined): Promise<T>
  /** How long it is waited for, in milliseconds; 0 means no limit. */
  limit: number
  /** The error for those who have waited for so long. */
  late(): Error
}

interface Running {
  /** Settles when the renewal does, when it is late, or when the value has been set or removed. */
  ended: Promise<unknown>
  release(): void
}

/** A value that can go stale, and be renewed: by one call of its function at a time, for any number of callers. */
export class Renewable<T> {
  #value: T | undefined
  #isRemoved = false
  #running: Running | undefined
  #failures = 0
  #lastFailure: unknown
  readonly #keyOf: (value: T) => string
  readonly #renewal: Renewal<T> | undefined

  /** Two values of the same key are the same one. */
  constructor(value: T | undefined, keyOf: (value: T) => string, renewal: Renewal<T> | undefined) {
    this.#value = value
    this.#keyOf = keyOf
    this.#renewal = renewal
  }

  get value(): T | undefined {
    return this.#value
  }

  /** How many renewals have failed so far: see `replace`. */
  get failures(): number {
    return this.#failures
  }

  /** Sets the value. Whoever waits for a renewal gets this one. */
  set(value: T): void {
    const isAnother = !this.#is(value)
    this.#value = value
    this.#isRemoved = false
    if (isAnother) this.#release()
  }

  /** Removes the value, which is not renewed any more. A renewal that is under way does not undo that. */
  remove(): void {
    this.#value = undefined
    this.#isRemoved = true
    this.#release()
  }

  /** Whether something else than a stale value can be had: it has been replaced or removed, or can be renewed. */
  canReplace(stale: T | undefined): boolean {
    return !this.#is(stale) || (this.#renewal !== undefined && !this.#isRemoved)
  }

  /**
   * Gives what stands in the place of a stale value: what has replaced it by now, or the result of its renewal;
   * undefined where it was removed.
   *
   * Rejects with what the renewal does, also where one has failed since the caller counted `failures`: calls that
   * were refused together do not ask one after the other. A later caller tries it anew.
   */
  async replace(stale: T | undefined, failures: number): Promise<T | undefined> {
    if (this.#is(stale) && this.#renewal && !this.#isRemoved) {
      if (this.#failures > failures) throw this.#lastFailure
      // It is of this value: another one that is set lets go of it.
      this.#running ??= this.#start(this.#renewal)
      await this.#running.ended
    }
    return this.#value
  }

  #is(value: T | undefined): boolean {
    if (value === undefined || this.#value === undefined) return value === this.#value
    return this.#keyOf(value) === this.#keyOf(this.#value)
  }

  #release(): void {
    this.#running?.release()
    this.#running = undefined
  }

  #start({ renew, limit, late }: Renewal<T>): Running {
    const stale = this.#value
    const renewed = renew(stale).then((value) => {
      // Also one that comes late is better than none.
      if (this.#is(stale) && !this.#isRemoved) this.#value = value
    })
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let timer: ReturnType<typeof setTimeout> | undefined
    const timedOut = new Promise<never>((_resolve, reject) => {
      if (limit > 0) timer = setTimeout(() => reject(late()), limit)
    })
    const running: Running = { ended: Promise.race([renewed, released, timedOut]), release }
    const end = (failure?: { reason: unknown }) => {
      clearTimeout(timer)
      if (this.#running !== running) return
      this.#running = undefined
      if (!failure) return
      this.#failures++
      this.#lastFailure = failure.reason
    }
    running.ended.then(
      () => end(),
      (reason: unknown) => end({ reason }),
    )
    return running
  }
}
