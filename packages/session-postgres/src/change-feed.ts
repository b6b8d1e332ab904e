import { changePrefix } from './statements.ts'
import { watchName, watchNameOf } from './stored-text.ts'

/** The functions that a `listen` option calls. */
export interface ListenEvents {
  /** Call it with the payload of each notification. */
  readonly heard: (payload?: string) => void
  /**
   * Call it each time the connection has run LISTEN, if the client reconnects automatically. The first call is optional:
   * the store waits for the promise of `listen`.
   */
  readonly subscribed: () => void
  /** Call it when the connection is lost for good. The store then calls `listen` again. */
  readonly lost: () => void
}

/**
 * Runs LISTEN for a channel on a direct connection, without a pooler such as PgBouncer. Returns a function that ends the
 * subscription.
 *
 * The channel consists of lower-case letters, digits and underscores, so it needs no quotes.
 */
export type PostgresListen = (channel: string, events: ListenEvents) => PromiseLike<() => unknown>

// How long a subscription is not checked again, in milliseconds. A session asks every 5 seconds.
const checkInterval = 4000
// How old the last check may be while the store says that it hears of every change, and how long the store waits for a
// check or a subscription before it calls `listen` again. In milliseconds.
const maxAge = 9000

/** What a feed needs. */
export interface ChangeFeedOptions {
  listen: PostgresListen
  channel: string
  /** Sends a notification to the channel through the connections that write. */
  notify: (payload: string) => Promise<unknown>
  /** A steady clock, in milliseconds. Default: `performance.now`. */
  now?: () => number
}

interface Subscription {
  isReady: boolean
  /** Since when the subscription or the last check is awaited, by `now`. */
  waitingSince: number | undefined
  stop?: () => unknown
}

/**
 * Hears of changed sessions through LISTEN.
 *
 * A connection can be dead without an error, or reconnect without a word. So the feed checks its subscription: it sends
 * itself a notification through the connections that write, and measures from the time of the last check that it has
 * heard. PostgreSQL delivers notifications in the order of their commits, so every earlier change was heard too.
 */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions
  readonly #now: () => number
  readonly #checkPrefix = `check:${crypto.randomUUID()} `
  readonly #watchers = new Map<string, Set<() => void>>()
  #subscription: Subscription | undefined
  #isClosed = false
  #sentChecks = 0
  #heardChecks = 0
  /** When the subscription was last checked or tried, by `now`. */
  #triedAt = Number.NEGATIVE_INFINITY
  /** Every change that was committed before this time, by `now`, was heard. */
  #heardUntil = Number.NEGATIVE_INFINITY

  constructor(options: ChangeFeedOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  watch(key: string, changed: () => void): () => void {
    // Not earlier, so that a store that is only used for `migrate` opens no connection.
    if (this.#triedAt === Number.NEGATIVE_INFINITY) this.#subscribe()
    const name = watchName(key)
    const watchersOfName = this.#watchers.get(name) ?? new Set()
    this.#watchers.set(name, watchersOfName)
    // A wrapper per call, because the same function may watch twice.
    const call = () => changed()
    watchersOfName.add(call)
    return () => {
      watchersOfName.delete(call)
      if (watchersOfName.size === 0 && this.#watchers.get(name) === watchersOfName)
        this.#watchers.delete(name)
    }
  }

  isWatching(key: string): boolean {
    if (this.#now() - this.#triedAt >= checkInterval) this.#check()
    const isReady = this.#subscription?.isReady === true
    return isReady && this.#watchers.has(watchName(key)) && this.#now() - this.#heardUntil <= maxAge
  }

  /** Ends the subscription. Waits until the connection is closed. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#end()
  }

  #subscribe(): void {
    if (this.#isClosed) return
    const { listen, channel } = this.#options
    this.#triedAt = this.#now()
    const subscription: Subscription = { isReady: false, waitingSince: this.#triedAt }
    this.#subscription = subscription
    // Connections that were replaced may still report.
    const ifCurrent = (act: () => void) => {
      if (this.#subscription === subscription) act()
    }
    const events: ListenEvents = {
      heard: (payload = '') => ifCurrent(() => this.#hear(subscription, payload)),
      subscribed: () => ifCurrent(() => this.#begin(subscription)),
      lost: () => ifCurrent(() => void this.#end()),
    }
    // In a promise, because `listen` may throw.
    const opened = new Promise<() => unknown>((resolve) => resolve(listen(channel, events)))
    opened.then(
      (stop) => {
        subscription.stop = stop
        if (this.#subscription !== subscription) void end(subscription)
        else if (!subscription.isReady) this.#begin(subscription)
      },
      () => ifCurrent(() => void this.#end()),
    )
  }

  /** Begins to hear of changes. Calls all watchers, because earlier changes were not heard. */
  #begin(subscription: Subscription): void {
    subscription.isReady = true
    subscription.waitingSince = undefined
    this.#heardUntil = Number.NEGATIVE_INFINITY
    this.#heardChecks = this.#sentChecks
    for (const name of this.#watchers.keys()) this.#call(name)
    this.#sendCheck(subscription)
  }

  #end(): Promise<void> {
    const subscription = this.#subscription
    this.#subscription = undefined
    this.#heardUntil = Number.NEGATIVE_INFINITY
    return end(subscription)
  }

  #check(): void {
    const subscription = this.#subscription
    const waitingSince = subscription?.waitingSince ?? Number.POSITIVE_INFINITY
    if (!subscription || this.#now() - waitingSince > maxAge) {
      void this.#end()
      this.#subscribe()
    } else if (subscription.isReady) this.#sendCheck(subscription)
  }

  #sendCheck(subscription: Subscription): void {
    this.#triedAt = this.#now()
    subscription.waitingSince ??= this.#triedAt
    this.#sentChecks++
    const payload = `${this.#checkPrefix}${this.#sentChecks} ${this.#triedAt}`
    this.#options.notify(payload).catch(() => undefined)
  }

  #hear(subscription: Subscription, payload: string): void {
    if (payload.startsWith(changePrefix)) this.#call(watchNameOf(payload.slice(changePrefix.length)))
    if (!payload.startsWith(this.#checkPrefix) || !subscription.isReady) return
    const [number = 0, sentAt = 0] = payload.slice(this.#checkPrefix.length).split(' ').map(Number)
    if (number <= this.#heardChecks) return
    // If an earlier check was lost, so may be a change.
    if (number > this.#heardChecks + 1) for (const name of this.#watchers.keys()) this.#call(name)
    this.#heardChecks = number
    this.#heardUntil = sentAt
    if (number === this.#sentChecks) subscription.waitingSince = undefined
  }

  #call(name: string): void {
    const watchersOfName = this.#watchers.get(name) ?? new Set()
    for (const changed of watchersOfName) {
      // A microtask, so that an error of a watcher does not reach the client.
      queueMicrotask(() => watchersOfName.has(changed) && changed())
    }
  }
}

async function end(subscription: Subscription | undefined): Promise<void> {
  try {
    await subscription?.stop?.()
  } catch {
    // The connection is lost.
  }
}
