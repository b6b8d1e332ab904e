/** Waits, and no longer than until it is ended. In milliseconds. */
export interface Pause {
  readonly over: Promise<void>
  end(): void
}

export function pause(milliseconds: number): Pause {
  let end: () => void = () => undefined
  const over = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    end = () => {
      clearTimeout(timer)
      resolve()
    }
  })
  return { over, end }
}

/** A timer that keeps no process alive. Gives what ends it. */
export function later(milliseconds: number, call: () => void): () => void {
  const timer = setTimeout(call, milliseconds)
  // Browsers give a number.
  const { unref } = timer as { unref?: () => void }
  unref?.call(timer)
  return () => clearTimeout(timer)
}
