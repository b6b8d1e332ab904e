import { invalidParameter } from '../errors/invalid-parameter.ts'
import type { PDSFetchResponse } from './fetch-types.ts'

/** A clock that learns the server's time from the `Date` headers of responses. */
export interface ServerClock {
  /** Returns the local time, in milliseconds since the epoch. */
  localNow(): number
  /** Returns the server's time at a local time. Both are in milliseconds since the epoch. */
  toServerTime(local: number): number
  /** Returns whether a response had a readable `Date` header, so that the server's time is known. */
  hasServerTime(): boolean
  /** Learns the time from a response. `sentAt` and `receivedAt` are local times, in milliseconds since the epoch. */
  learn(response: PDSFetchResponse, sentAt: number, receivedAt: number): void
}

// The end of the year 9999. Later years have no common date format.
const latest = 253_402_300_799_000

/**
 * Creates a server clock. It returns the local time until it has learned another time from a response.
 *
 * Throws `InvalidParameter` if `clock` does not return a time. If `clock` fails later, `Date.now` replaces it, so that
 * no response is lost because of the clock.
 */
export function createServerClock(clock: () => number): ServerClock {
  const read = () => {
    try {
      return timeOf(clock())
    } catch {
      return undefined
    }
  }
  if (read() === undefined) {
    throw invalidParameter('clock must return milliseconds since the epoch')
  }
  let offset: number | undefined
  return {
    localNow: () => read() ?? Date.now(),
    toServerTime: (local) => local + (offset ?? 0),
    hasServerTime: () => offset !== undefined,
    learn(response, sentAt, receivedAt) {
      const date = timeOf(Date.parse(response.headers.get('date') ?? ''))
      if (date === undefined) return
      // The header is truncated to seconds: on average the server's time is half a second later.
      const measured = date + 500 - (sentAt + receivedAt) / 2
      const uncertainty = 500 + (receivedAt - sentAt) / 2
      // Ignore a difference within the uncertainty, so that a correct local clock is not changed.
      offset = Math.abs(measured) <= uncertainty ? 0 : measured
    },
  }
}

function timeOf(value: number): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= latest ? value : undefined
}
