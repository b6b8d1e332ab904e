/** The server's time, as far as it is known from the `Date` headers of its answers. */
export interface ServerClock {
  /** The local clock, in milliseconds since the epoch. */
  localNow(): number
  /** The server's time at a local time, both in milliseconds since the epoch. */
  toServerTime(local: number): number
  /** Takes the time from an answer; the times of sending and receiving are the local clock's, in milliseconds. */
  learn(response: Response, sentAt: number, receivedAt: number): void
}

/** Makes a clock that agrees with the local one until an answer tells otherwise. */
export function createServerClock(localNow: () => number): ServerClock {
  let offset = 0
  return {
    localNow,
    toServerTime: (local) => local + offset,
    learn(response, sentAt, receivedAt) {
      const date = Date.parse(response.headers.get('date') ?? '')
      if (Number.isNaN(date)) return
      // The header is cut to whole seconds: the server's clock stood half a second later on average.
      const measured = date + 500 - (sentAt + receivedAt) / 2
      const uncertainty = 500 + (receivedAt - sentAt) / 2
      // A difference that the measurement itself can explain is none: two good clocks stay as they are.
      offset = Math.abs(measured) <= uncertainty ? 0 : measured
    },
  }
}
