import { PDSError } from '../errors/pds-error.ts'
import { throttleTime } from '../retry/retry-policy.ts'
import type { PDSFetchResponse } from '../transport/fetch-types.ts'
import type { ServerClock } from '../transport/server-clock.ts'
import type { AbortableStep } from './call-deadline.ts'

/** Releases the slot of a request. Returns whether other requests to the same endpoint were under way. */
type ReleaseSlot = (response?: PDSFetchResponse) => boolean

/** Receives a slot, or the reason why the call gets no slot. */
type StartCall = (releaseSlot: ReleaseSlot | undefined, reason?: unknown) => void

/** Sends an attempt of a call when there is a slot for it. */
export type SendInSlot = <T>(attempt: SlotUse, send: () => Promise<T>) => Promise<T>

/** What the limiter reads and notes of an attempt; see `Attempt`. */
interface SlotUse {
  response?: PDSFetchResponse
  isShared?: boolean
}

/**
 * Runs a call when there is a slot, in which a request to an endpoint (origin and path) may be sent. A retry waits for
 * another slot, and precedes new calls.
 *
 * Without a slot, an attempt fails with a `PDSError` of code `Throttled` if the endpoint is paused for longer than the call
 * may wait, or with the reason of an abort.
 */
export type RunLimited = <T>(
  endpoint: string,
  deadline: SlotDeadline,
  run: (sendInSlot: SendInSlot) => Promise<T>,
) => Promise<T>

/** What the limiter needs of the deadline of a call. */
interface SlotDeadline {
  /** The time that is left for the call, in milliseconds. */
  readonly remaining: number
  throwIfAborted(): void
  onAbort(step: AbortableStep): void
}

/** The requests to an origin and path. */
interface Endpoint {
  acquire(deadline: SlotDeadline, isRetry: boolean, start: StartCall): void
  /** Gives a free slot to the next call that waits. Returns whether there was one. */
  admitNext(): boolean
  reject(waiter: Waiter, reason: unknown): void
}

/** A call that waits. */
class Waiter implements AbortableStep {
  readonly #endpoint: Endpoint
  readonly deadline: SlotDeadline
  readonly start: StartCall

  constructor(endpoint: Endpoint, deadline: SlotDeadline, start: StartCall) {
    this.#endpoint = endpoint
    this.deadline = deadline
    this.start = start
  }

  abort(reason: unknown): void {
    this.#endpoint.reject(this, reason)
  }
}

// The default of the option `concurrency`.
const defaultConcurrency = 32

/**
 * Returns a function that returns the limiter of a call. API calls have a separate limiter: they may wait for a token
 * call of the same transport, so they must not take its slots.
 */
export function createLimiters(
  concurrency: number | undefined,
  clock: ServerClock,
): (authorization: object | undefined) => RunLimited {
  const create = () => createLimiter(concurrency ?? defaultConcurrency, clock)
  const limiters = { api: create(), token: create() }
  return (authorization) => (authorization ? limiters.api : limiters.token)
}

// In milliseconds. A wrong header must not stop the requests of a process for a day.
const maxPause = 3_600_000

/**
 * Creates a limiter that admits a number of requests at a time; 0 means no limit.
 *
 * A throttled request pauses its endpoint and halves the concurrency there, which grows by one with each round of
 * successful requests: the congestion avoidance of TCP (RFC 5681 section 3.1).
 */
function createLimiter(concurrency: number, clock: ServerClock): RunLimited {
  const max = concurrency || Number.POSITIVE_INFINITY
  const endpoints = new Map<string, Endpoint>()
  let active = 0

  /** Gives the free slots to one call of each endpoint in turn. */
  const admitAll = () => {
    for (const [key, endpoint] of endpoints) {
      if (!endpoint.admitNext()) continue
      // The last of the map is visited last: again in this loop, after the other endpoints.
      endpoints.delete(key)
      endpoints.set(key, endpoint)
    }
  }

  const createEndpoint = (key: string): Endpoint => {
    // Times are in milliseconds on the clock of performance.now.
    let own = 0
    let ownMax = max
    let halvedAt = 0
    let pausedUntil = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    // Retries, and new calls.
    const queues = [new Set<Waiter>(), new Set<Waiter>()] as [Set<Waiter>, Set<Waiter>]
    const nextWaiter = () => {
      for (const queue of queues) for (const waiter of queue) return waiter
      return undefined
    }
    const remaining = () => pausedUntil - performance.now()
    const isFree = () => active < max && own < Math.floor(ownMax) && remaining() <= 0

    const remove = (waiter: Waiter) => {
      for (const queue of queues) queue.delete(waiter)
      if (!nextWaiter()) clearTimeout(timer)
    }
    const forgetIfIdle = () => {
      if (own === 0 && !nextWaiter() && remaining() <= 0) endpoints.delete(key)
    }
    const throttledError = () => {
      const retryAt = Math.ceil(clock.localNow() + remaining())
      const until = new Date(retryAt).toISOString()
      return new PDSError(
        `${new URL(key).origin} asked to wait until ${until}, which exceeds totalTimeout: try again then`,
        { code: 'Throttled', outcome: 'not-sent', retryAt },
      )
    }
    const reject = (waiter: Waiter, reason: unknown) => {
      remove(waiter)
      forgetIfIdle()
      waiter.start(undefined, reason)
    }
    const begin = (): ReleaseSlot => {
      const beganAt = performance.now()
      active++
      own++
      return (response) => {
        const isShared = own > 1
        const pause = response && throttleTime(response, clock.toServerTime(clock.localNow()))
        if (pause !== undefined) throttle(pause, beganAt)
        else if (response) ownMax = Math.min(max, ownMax + 1 / ownMax)
        // Not before the connection can be used again: the next request would open another one.
        afterResponse(() => {
          active--
          own--
          forgetIfIdle()
          admitAll()
        })
        return isShared
      }
    }
    const throttle = (pause: number, beganAt: number) => {
      const time = performance.now()
      // Halved once for all requests that were under way together.
      if (beganAt >= halvedAt) {
        ownMax = Math.max(1, Math.min(ownMax, own) / 2)
        halvedAt = time
      }
      pausedUntil = Math.max(pausedUntil, time + Math.min(pause, maxPause))
      for (const waiter of queues.flatMap((queue) => [...queue])) {
        if (waiter.deadline.remaining < remaining()) reject(waiter, throttledError())
      }
    }

    const endpoint: Endpoint = {
      admitNext() {
        clearTimeout(timer)
        const waiter = nextWaiter()
        if (!waiter) return false
        if (remaining() > 0) timer = setTimeout(admitAll, remaining())
        if (!isFree()) return false
        remove(waiter)
        waiter.start(begin())
        return true
      },
      acquire(deadline, isRetry, start) {
        if (isFree() && !nextWaiter()) return start(begin())
        if (remaining() > deadline.remaining) return start(undefined, throttledError())
        const waiter = new Waiter(endpoint, deadline, start)
        deadline.onAbort(waiter)
        queues[isRetry ? 0 : 1].add(waiter)
        admitAll()
      },
      reject,
    }
    return endpoint
  }

  const acquire = (key: string, deadline: SlotDeadline, isRetry: boolean, start: StartCall) => {
    try {
      deadline.throwIfAborted()
    } catch (reason) {
      return start(undefined, reason)
    }
    const endpoint = endpoints.get(key) ?? createEndpoint(key)
    endpoints.set(key, endpoint)
    endpoint.acquire(deadline, isRetry, start)
  }
  // Callbacks until the first slot, because thousands of calls may wait, and promises need more memory.
  return (key, deadline, run) =>
    new Promise((resolve) => {
      acquire(key, deadline, false, (first, rejection) => {
        let slot = first
        const sendInSlot: SendInSlot = async (attempt, send) => {
          if (rejection) throw rejection
          const release =
            slot ??
            (await new Promise<ReleaseSlot>((admit, reject) => {
              acquire(key, deadline, true, (next, reason) => (next ? admit(next) : reject(reason)))
            }))
          slot = undefined
          try {
            return await send()
          } finally {
            attempt.isShared = release(attempt.response)
          }
        }
        resolve(run(sendInSlot))
      })
    })
}

/**
 * Calls a function when the connection of a response that was just read can be used again.
 *
 * In Node.js this takes a turn of the event loop: a request that is sent earlier opens another connection.
 */
function afterResponse(call: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (call: () => void) => unknown }
  if (setImmediate) setImmediate(call)
  else call()
}
