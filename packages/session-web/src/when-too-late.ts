// How long a call waits for a place: less than the 12 seconds that a session gives a store. In milliseconds.
const longestCall = 5000
// By how much a timer is late whose tab was frozen, rather than being busy. In milliseconds.
const lateTimer = 1000

/** Calls a function with the error of a call that has waited for too long. Gives what ends that. */
export function whenTooLate(call: (error: DOMException) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = () => {
    const due = performance.now() + longestCall
    timer = setTimeout(() => {
      // A tab that was frozen has not had the time to hear the answer.
      if (performance.now() > due + lateTimer) wait()
      else call(new DOMException('', 'TimeoutError'))
    }, longestCall)
  }
  wait()
  return () => clearTimeout(timer)
}
