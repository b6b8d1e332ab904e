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

/** A timer that keeps no process alive, unless that is asked for. Gives what ends it. In milliseconds. */
export function later(milliseconds: number, call: () => void, keepsAlive = false): () => void {
  const timer = setTimeout(call, milliseconds)
  if (keepsAlive) return () => clearTimeout(timer)
  // Browsers give a number.
  const { unref } = timer as { unref?: () => void }
  unref?.call(timer)
  return () => clearTimeout(timer)
}
