/** Waits that can be ended early: all of them at once, when the record may have changed or the session is closed. */
export class Pauses {
  #ends: readonly (() => void)[] | undefined
  #isClosed = false

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Waits for a number of milliseconds, or until `endAll` or `close`. */
  async wait(milliseconds: number): Promise<void> {
    if (this.#isClosed) return
    let end: () => void = () => undefined
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      end = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#ends = [...(this.#ends ?? []), end]
    })
    this.#ends = this.#ends?.filter((each) => each !== end)
  }

  endAll(): void {
    for (const end of this.#ends ?? []) end()
  }

  close(): void {
    this.#isClosed = true
    this.endAll()
  }
}

/** Starts a timer, which keeps the process alive only with `keepsAlive`. Returns a function that clears it. */
export function startTimer(milliseconds: number, call: () => void, keepsAlive = false): () => void {
  const timer = setTimeout(call, milliseconds)
  if (keepsAlive) return () => clearTimeout(timer)
  // In browsers a timer is a number, without `unref`.
  const { unref } = timer as { unref?: () => void }
  unref?.call(timer)
  return () => clearTimeout(timer)
}
