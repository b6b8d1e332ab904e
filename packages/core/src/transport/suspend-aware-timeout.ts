// A timer that is later than this, in milliseconds, was delayed by a suspended process or tab and not by load.
const suspendThreshold = 1000

/**
 * Calls a function after a time in milliseconds, for code that waits for a response. Returns a function that cancels
 * this.
 *
 * A suspended process or frozen tab may have missed the response. Therefore a timer that fires too late starts once
 * again before it calls the function.
 */
export function suspendAwareTimeout(milliseconds: number, call: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const start = (canRestart: boolean) => {
    const due = performance.now() + milliseconds
    timer = setTimeout(() => {
      if (canRestart && performance.now() > due + suspendThreshold) start(false)
      else call()
    }, milliseconds)
  }
  start(true)
  return () => clearTimeout(timer)
}
