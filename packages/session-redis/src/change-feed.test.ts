import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it } from 'vitest'
import { ChangeFeed } from './change-feed.ts'
import type { IORedisSubscriber } from './redis-subscriber.ts'

/** A subscriber in the form of ioredis, without a server. */
class FakeSubscriber extends EventEmitter implements IORedisSubscriber {
  status = 'ready'
  readonly mode = 'normal'
  readonly subscriptions: string[][] = []
  confirm: () => Promise<unknown> = async () => undefined

  async subscribe(...channels: string[]): Promise<unknown> {
    this.subscriptions.push(channels)
    return this.confirm()
  }

  reconnect(): void {
    this.status = 'reconnecting'
    this.emit('close')
    this.status = 'ready'
    this.emit('ready')
  }
}

const channel = 'pds:changes:'
let subscriber: FakeSubscriber
/** The messages of checks that were published. */
let checks: { key: string; channel: string; message: string }[]
let publish: (key: string, channel: string, message: string) => Promise<unknown>
let now: number
let feed: ChangeFeed
let calls: string[]

/** Opens a feed over a new subscriber. */
function open(given: Partial<FakeSubscriber> = {}): void {
  checks = []
  subscriber = Object.assign(new FakeSubscriber(), given)
  feed = new ChangeFeed(
    subscriber,
    channel,
    (...args) => publish(...args),
    () => now,
  )
}

/** Lets the promises of the feed settle. */
const settle = () => new Promise((resolve) => setImmediate(resolve))
const hear = async (message: string) => {
  subscriber.emit('message', channel, message)
  await settle()
}
/** Delivers the message of a check, by default of the last one. */
const hearCheck = async (check = checks.at(-1)) => {
  subscriber.emit('message', check?.channel, check?.message)
  await settle()
}
const watch = (key: string) => feed.watch(key, () => calls.push(key))

beforeEach(() => {
  calls = []
  now = 1000
  publish = async (...args) => {
    const [key, channel, message] = args
    checks.push({ key, channel, message })
  }
  open()
})

describe('a feed of changes', () => {
  it('subscribes once, also without a watcher', async () => {
    await settle()
    expect(subscriber.subscriptions).toHaveLength(1)
    for (const key of ['a', 'b', 'a']) watch(key)
    await settle()
    watch('c')
    expect(subscriber.subscriptions).toEqual([
      [channel, expect.stringMatching(/^pds:changes::[\da-f-]{36}$/)],
    ])
  })

  it('waits until the user has connected the subscriber', async () => {
    open({ status: 'wait' })
    watch('a')
    now += 60_000
    expect(feed.isWatching('a')).toBe(false)
    await settle()
    expect(subscriber.subscriptions).toEqual([])
    subscriber.status = 'ready'
    subscriber.emit('ready')
    await settle()
    await hearCheck()
    expect(feed.isWatching('a')).toBe(true)
  })

  it('calls the watchers of the changed key, without arguments, until they are stopped', async () => {
    const args: unknown[][] = []
    const stop = feed.watch('a', (...received: unknown[]) => args.push(received))
    const stopOther = watch('a')
    watch('b')
    await settle()
    calls = []
    args.length = 0
    await hear('a')
    expect([args, calls]).toEqual([[[]], ['a']])
    stop()
    stop()
    await hear('a')
    expect([args, calls]).toEqual([[[]], ['a', 'a']])
    subscriber.emit('message', channel, 'a')
    stopOther()
    await settle()
    expect(calls).toEqual(['a', 'a'])
    await hear('b')
    subscriber.emit('message', 'a channel of the user', 'b')
    await settle()
    expect(calls).toEqual(['a', 'a', 'b'])
  })

  it('calls the watchers after the first confirmation, because it missed earlier changes', async () => {
    let confirm = (_value?: unknown) => {}
    open({ confirm: () => new Promise((resolve) => (confirm = resolve)) })
    watch('a')
    await settle()
    expect(calls).toEqual([])
    expect(feed.isWatching('a')).toBe(false)
    confirm()
    await settle()
    expect(calls).toEqual(['a'])
    expect(feed.isWatching('a')).toBe(false)
    await hearCheck()
    expect(feed.isWatching('a')).toBe(true)
    expect(calls).toEqual(['a'])
  })

  it('does not say that it watches a key without watchers', async () => {
    const stop = watch('a')
    await settle()
    await hearCheck()
    expect(feed.isWatching('b')).toBe(false)
    expect(feed.isWatching('a')).toBe(true)
    stop()
    expect(feed.isWatching('a')).toBe(false)
  })

  it.each(['close', 'end', 'reconnecting', 'error'])(
    'does not say that it watches after the event %s',
    async (event) => {
      watch('a')
      await settle()
      await hearCheck()
      subscriber.emit(event, new Error('lost'))
      expect(feed.isWatching('a')).toBe(false)
      // The subscriber may still be connected, so the feed tries again after a while.
      now += 4000
      expect(feed.isWatching('a')).toBe(false)
      await settle()
      await hearCheck()
      expect(feed.isWatching('a')).toBe(true)
      expect(calls).toEqual(['a'])
    },
  )

  it('calls all watchers after a reconnect, once the subscription is confirmed', async () => {
    for (const key of ['a', 'b']) watch(key)
    await settle()
    await hearCheck()
    expect(calls).toEqual([])
    let confirm = (_value?: unknown) => {}
    subscriber.confirm = () => new Promise((resolve) => (confirm = resolve))
    subscriber.reconnect()
    await settle()
    expect(feed.isWatching('a')).toBe(false)
    expect(calls).toEqual([])
    confirm()
    await settle()
    expect(calls).toEqual(['a', 'b'])
    await hearCheck()
    expect(feed.isWatching('a')).toBe(true)
    expect(subscriber.subscriptions).toHaveLength(2)
  })

  it('ignores the confirmation and the checks of a lost connection', async () => {
    const confirmations: (() => void)[] = []
    open({ confirm: () => new Promise<void>((resolve) => confirmations.push(resolve)) })
    watch('a')
    await settle()
    subscriber.reconnect()
    confirmations[0]?.()
    await settle()
    expect([calls, checks]).toEqual([[], []])
    confirmations[1]?.()
    await settle()
    expect(calls).toEqual(['a'])
    expect(checks).toHaveLength(1)
    const [checkOfSecond] = checks
    subscriber.reconnect()
    confirmations[2]?.()
    await settle()
    await hearCheck(checkOfSecond)
    expect(feed.isWatching('a')).toBe(false)
    await hearCheck()
    expect(feed.isWatching('a')).toBe(true)
  })

  it('tries again at most every 4 seconds if it cannot subscribe', async () => {
    open({ confirm: async () => Promise.reject(new Error('NOPERM')) })
    watch('a')
    await settle()
    for (let asked = 0; asked < 100; asked++) {
      expect(feed.isWatching('a')).toBe(false)
      await settle()
    }
    expect(subscriber.subscriptions).toHaveLength(1)
    now += 4000
    subscriber.confirm = async () => undefined
    for (let asked = 0; asked < 100; asked++) expect(feed.isWatching('a')).toBe(false)
    await settle()
    expect(subscriber.subscriptions).toHaveLength(2)
    await hearCheck()
    expect(feed.isWatching('a')).toBe(true)
  })
})

describe('the check of a subscription', () => {
  it('is sent at most every 4 seconds, through the node of the requested key', async () => {
    for (const key of ['a', 'b']) watch(key)
    await settle()
    expect(checks.map(({ key }) => key)).toEqual([channel])
    now += 3999
    for (let asked = 0; asked < 100; asked++) feed.isWatching('b')
    expect(checks).toHaveLength(1)
    now += 1
    for (let asked = 0; asked < 100; asked++) feed.isWatching('b')
    expect(checks.map(({ key }) => key)).toEqual([channel, 'b'])
  })

  it('keeps the feed watching only while it is heard', async () => {
    watch('a')
    await settle()
    await hearCheck()
    for (let round = 0; round < 5; round++) {
      now += 5000
      expect(feed.isWatching('a')).toBe(true)
      await hearCheck()
    }
    // The connection is dead, but the client has not noticed it.
    now += 5000
    expect(feed.isWatching('a')).toBe(true)
    now += 4001
    expect(feed.isWatching('a')).toBe(false)
    expect(calls).toEqual([])
  })

  it('counts from the time when it was sent', async () => {
    watch('a')
    await settle()
    now += 9001
    await hearCheck()
    expect(feed.isWatching('a')).toBe(false)
    await hearCheck()
    expect(feed.isWatching('a')).toBe(true)
  })

  it('calls all watchers if an earlier check was lost', async () => {
    for (const key of ['a', 'b']) watch(key)
    await settle()
    await hearCheck()
    calls = []
    now += 5000
    feed.isWatching('a')
    now += 5000
    feed.isWatching('a')
    await hearCheck()
    expect(calls).toEqual(['a', 'b'])
    expect(feed.isWatching('a')).toBe(true)
    // A client may publish a check twice, and a late one.
    await hearCheck()
    await hearCheck(checks[1])
    expect(calls).toEqual(['a', 'b'])
    expect(feed.isWatching('a')).toBe(true)
  })

  it('does not reject if it cannot be published', async () => {
    publish = async () => Promise.reject(new Error('READONLY'))
    watch('a')
    await settle()
    now += 5000
    expect(feed.isWatching('a')).toBe(false)
    await settle()
  })
})
