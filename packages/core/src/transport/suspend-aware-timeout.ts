// By how much a timer is late whose process or tab stood still, rather than being busy. In milliseconds.
const lateTimer = 1000

/**
 * Calls a function when a time in milliseconds is over, for code that waits for an answer. Gives what ends that.
 *
 * Whoever stood still meanwhile, such as a frozen tab, has not had the time to hear the answer: a timer that is late
 * waits once more.
 */
export function suspendAwareTimeout(milliseconds: number, call: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = (mayBeLate: boolean) => {
    const due = performance.now() + milliseconds
    timer = setTimeout(() => {
      if (mayBeLate && performance.now() > due + lateTimer) wait(false)
      else call()
    }, milliseconds)
  }
  wait(true)
  return () => clearTimeout(timer)
}
