import type { ServerClock } from '../transport/server-clock.ts'

// A larger difference of the clocks may be the reason why an assertion was rejected. In milliseconds.
const clockTolerance = 60_000

/**
 * Returns whether the service may have rejected an assertion that was signed with a wrong clock, which the response has
 * corrected. The vendor does not document the error code of this.
 *
 * `offset` is how far the server's clock was ahead when the assertion was signed, in milliseconds.
 */
export function isSignatureRejected(status: number, clock: ServerClock, offset: number): boolean | undefined {
  return [400, 401, 403].includes(status) && Math.abs(clock.toServerTime(0) - offset) > clockTolerance
}
