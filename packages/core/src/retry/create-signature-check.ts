import type { ServerClock } from '../transport/server-clock.ts'

// A larger difference of the clocks may be the reason why an assertion was rejected. In milliseconds.
const clockTolerance = 60_000

/**
 * Returns a function for the status of each failed attempt of a call. It returns whether the service may have rejected an
 * assertion that was signed with a wrong clock, which the response has corrected: at most once in a call. The vendor does
 * not document the error code of this.
 */
export function createSignatureCheck(clock: ServerClock): ((status: number) => boolean) | undefined {
  // How far the server's clock is ahead, in milliseconds.
  let offset = clock.toServerTime(0)
  let isDone = false
  return (status) => {
    const signedWith = offset
    offset = clock.toServerTime(0)
    if (isDone || ![400, 401, 403].includes(status)) return false
    isDone = Math.abs(offset - signedWith) > clockTolerance
    return isDone
  }
}
