import { type Connection, listenTo, type RedisSubscriber } from './redis-subscriber.ts'

// How long a subscription is not checked again, in milliseconds. A session asks every 5 seconds.
const checkInterval = 4000
// How old the last check may be while the store says that it hears of every change, in milliseconds.
const maxAge = 9000

/** Publishes a message from the node of a key. */
export type Publish = (key: string, channel: string, message: string) => Promise<unknown>

/**
 * Hears of changed sessions through one subscription.
 *
 * Redis delivers a message at most once, and a connection can be dead without an error. So the feed checks its
 * subscription: it publishes to its own channel through the client that writes, and measures from the time of the
 * last check that it has heard. A check also finds a subscriber that is connected to another server.
 */
export class ChangeFeed {
  readonly #channel: string
  readonly #checkChannel: string
  readonly #publish: Publish
  readonly #now: () => number
  readonly #connection: Connection
  readonly #watchers = new Map<string, Set<() => void>>()
  /** Counts the connections of the subscriber, or more: an event may come twice. */
  #generation = 0
  #isSubscribed = false
  /** The generation whose subscription is not confirmed yet. */
  #subscribing: number | undefined
  #sentChecks = 0
  #heardChecks = 0
  /** When the subscription was last checked or tried, by `now`. */
  #triedAt = Number.NEGATIVE_INFINITY
  /** Every message that was published before this time, by `now`, was heard. */
  #heardUntil = Number.NEGATIVE_INFINITY

  /** `now` is a steady clock, in milliseconds. */
  constructor(
    subscriber: RedisSubscriber,
    channel: string,
    publish: Publish,
    now: () => number = () => performance.now(),
  ) {
    this.#channel = channel
    this.#checkChannel = `${channel}:${crypto.randomUUID()}`
    this.#publish = publish
    this.#now = now
    this.#connection = listenTo(subscriber, {
      ready: () => {
        this.#lose()
        void this.#subscribe()
      },
      lost: () => this.#lose(),
      heard: (from, message) => this.#hear(from, message),
    })
    // At once, so that most watchers begin after the confirmation.
    void this.#subscribe()
  }

  watch(key: string, changed: () => void): () => void {
    const watchersOfKey = this.#watchers.get(key) ?? new Set()
    this.#watchers.set(key, watchersOfKey)
    // A wrapper per call, because the same function may watch twice.
    const call = () => changed()
    watchersOfKey.add(call)
    return () => {
      watchersOfKey.delete(call)
      if (watchersOfKey.size === 0 && this.#watchers.get(key) === watchersOfKey) this.#watchers.delete(key)
    }
  }

  isWatching(key: string): boolean {
    if (this.#now() - this.#triedAt >= checkInterval) {
      if (this.#isSubscribed) this.#check(key)
      else void this.#subscribe()
    }
    return this.#isSubscribed && this.#watchers.has(key) && this.#now() - this.#heardUntil <= maxAge
  }

  #lose(): void {
    this.#generation++
    this.#isSubscribed = false
    this.#heardUntil = Number.NEGATIVE_INFINITY
  }

  async #subscribe(): Promise<void> {
    const generation = this.#generation
    if (this.#isSubscribed || this.#subscribing === generation || !this.#connection.isReady()) return
    this.#subscribing = generation
    this.#triedAt = this.#now()
    const confirmation = this.#connection.subscribe([this.#channel, this.#checkChannel])
    const isConfirmed = await confirmation.then(
      () => true,
      () => false,
    )
    if (generation !== this.#generation) return
    this.#subscribing = undefined
    if (!isConfirmed) return
    this.#isSubscribed = true
    this.#heardChecks = this.#sentChecks
    // Messages of a lost connection, and those before the first subscription, were not heard.
    this.#callAll()
    this.#check(this.#channel)
  }

  #check(key: string): void {
    this.#triedAt = this.#now()
    this.#sentChecks++
    this.#publish(key, this.#checkChannel, `${this.#sentChecks} ${this.#triedAt}`).catch(() => undefined)
  }

  #hear(channel: string, message: string): void {
    if (channel === this.#channel) this.#call(message)
    if (channel !== this.#checkChannel || !this.#isSubscribed) return
    const [number = 0, sentAt = 0] = message.split(' ').map(Number)
    if (number <= this.#heardChecks) return
    // If an earlier check was lost, so may be a change.
    if (number > this.#heardChecks + 1) this.#callAll()
    this.#heardChecks = number
    this.#heardUntil = sentAt
  }

  #call(key: string): void {
    const watchersOfKey = this.#watchers.get(key) ?? new Set()
    for (const changed of watchersOfKey) {
      // A microtask, so that an error of a watcher does not reach the client.
      queueMicrotask(() => watchersOfKey.has(changed) && changed())
    }
  }

  #callAll(): void {
    for (const key of this.#watchers.keys()) this.#call(key)
  }
}
