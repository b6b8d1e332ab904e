import { invalidParameter } from '../errors/invalid-parameter.ts'
import type { PDSFetchResponse } from './fetch-types.ts'

/** The server's time, as far as it is known from the `Date` headers of its answers. */
export interface ServerClock {
  /** The local clock, in milliseconds since the epoch. */
  localNow(): number
  /** The server's time at a local time, both in milliseconds since the epoch. */
  toServerTime(local: number): number
  /** Takes the time from an answer; the times of sending and receiving are the local clock's, in milliseconds. */
  learn(response: PDSFetchResponse, sentAt: number, receivedAt: number): void
}

// The end of the year 9999: beyond it a date has no form that others can read.
const latest = 253_402_300_799_000

/**
 * Makes a clock that agrees with the local one until an answer tells otherwise.
 *
 * Throws `InvalidParameter` for a local clock that gives no time. Where it stops giving one later, the system's takes
 * its place: no answer is lost for it.
 */
export function createServerClock(clock: () => number): ServerClock {
  const read = () => {
    try {
      const now = clock()
      return isTime(now) ? now : undefined
    } catch {
      return undefined
    }
  }
  if (read() === undefined) {
    throw invalidParameter('clock must give milliseconds since the epoch, up to the year 9999')
  }
  let offset = 0
  return {
    localNow: () => read() ?? Date.now(),
    toServerTime: (local) => local + offset,
    learn(response, sentAt, receivedAt) {
      const date = Date.parse(response.headers.get('date') ?? '')
      if (!isTime(date)) return
      // The header is cut to whole seconds: the server's clock stood half a second later on average.
      const measured = date + 500 - (sentAt + receivedAt) / 2
      const uncertainty = 500 + (receivedAt - sentAt) / 2
      // A difference that the measurement itself can explain is none: two good clocks stay as they are.
      offset = Math.abs(measured) <= uncertainty ? 0 : measured
    },
  }
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= latest
}
