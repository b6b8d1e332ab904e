/** How a value is renewed. */
export interface Renewal<T> {
  /** Returns a new value for a stale one, or the first value. */
  renew(stale: T | undefined): Promise<T>
  /** How long callers wait for `renew`, in milliseconds. 0 means no limit. */
  limit: number
  /** Creates the error for callers that waited longer than `limit`. */
  timeoutError(): Error
}

interface Running {
  /** Settles when the renewal settles or times out, or when the value is set or removed. */
  ended: Promise<unknown>
  /** Resolves `ended`. */
  release(): void
}

/** A value that may become stale. One renewal at a time serves any number of callers. */
export class Renewable<T> {
  #value: T | undefined
  #isRemoved = false
  #running: Running | undefined
  #failures = 0
  #lastFailure: unknown
  readonly #keyOf: (value: T) => string
  readonly #renewal: Renewal<T> | undefined

  /** Values with the same key are equal. */
  constructor(value: T | undefined, keyOf: (value: T) => string, renewal: Renewal<T> | undefined) {
    this.#value = value
    this.#keyOf = keyOf
    this.#renewal = renewal
  }

  get value(): T | undefined {
    return this.#value
  }

  /** The number of failed renewals; see `replace`. */
  get failures(): number {
    return this.#failures
  }

  /** Sets the value. Callers that wait for a renewal receive this value. */
  set(value: T): void {
    const isNew = !this.#is(value)
    this.#value = value
    this.#isRemoved = false
    if (isNew) this.#release()
  }

  /** Removes the value and stops renewals until another value is set. A running renewal does not restore it. */
  remove(): void {
    this.#value = undefined
    this.#isRemoved = true
    this.#release()
  }

  /** Returns whether the value differs from a stale value already, or can be renewed. */
  canReplace(stale: T | undefined): boolean {
    return !this.#is(stale) || (this.#renewal !== undefined && !this.#isRemoved)
  }

  /**
   * Returns the value that replaces a stale value: the current value, or the result of a renewal. Undefined if the
   * value was removed.
   *
   * Rejects if the renewal fails, or if one has failed since the caller read `failures`: calls that failed at the same
   * time do not renew one after another. A later call starts a new renewal.
   */
  async replace(stale: T | undefined, failures: number): Promise<T | undefined> {
    if (this.#is(stale) && this.#renewal && !this.#isRemoved) {
      if (this.#failures > failures) throw this.#lastFailure
      // The running renewal is for this value, because `set` releases it for another value.
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

  #start({ renew, limit, timeoutError }: Renewal<T>): Running {
    const stale = this.#value
    const renewed = renew(stale).then((value) => {
      // Also use a late result, unless a value was set since.
      if (this.#is(stale) && !this.#isRemoved) this.#value = value
    })
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let timer: ReturnType<typeof setTimeout> | undefined
    const timedOut = new Promise<never>((_resolve, reject) => {
      if (limit > 0) timer = setTimeout(() => reject(timeoutError()), limit)
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
