/** A wait that can be ended early. */
export interface Pause {
  readonly ended: Promise<void>
  end(): void
}

export function pause(milliseconds: number): Pause {
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    end = () => {
      clearTimeout(timer)
      resolve()
    }
  })
  return { ended, end }
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
