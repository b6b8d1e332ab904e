import { beforeEach, describe, expect, it } from 'vitest'
import { ChangeFeed, type ListenEvents } from './change-feed.ts'

/** A call of `listen`. */
interface Listening {
  channel: string
  events: ListenEvents
  stops: number
}

let listened: Listening[]
let listen: (listening: Listening) => Promise<() => unknown>
/** The payloads of checks that were sent. */
let checks: string[]
let notify: (payload: string) => Promise<unknown>
let now: number
let feed: ChangeFeed
let calls: string[]

/** Lets the promises of the feed settle. */
const settle = () => new Promise((resolve) => setImmediate(resolve))
const current = () => listened.at(-1) as Listening
const hear = async (payload: string | undefined) => {
  current().events.heard(payload)
  await settle()
}
/** Delivers a check, by default the last one. */
const hearCheck = (check = checks.at(-1)) => hear(check)
const watch = (key: string) => feed.watch(key, () => calls.push(key))

beforeEach(() => {
  listened = []
  checks = []
  calls = []
  now = 1000
  listen = async (listening) => () => listening.stops++
  notify = async (payload) => checks.push(payload)
  feed = new ChangeFeed({
    listen(channel, events) {
      const listening = { channel, events, stops: 0 }
      listened.push(listening)
      return listen(listening)
    },
    channel: 'pds',
    notify: (payload) => notify(payload),
    now: () => now,
  })
})

/** Watches a key with a subscription that is known to be alive. */
async function begin(key = 'a'): Promise<void> {
  watch(key)
  await settle()
  await hearCheck()
  calls = []
}

describe('a feed of changes', () => {
  it('listens once, with the first watcher', async () => {
    await settle()
    expect(listened).toHaveLength(0)
    for (const key of ['a', 'b', 'a']) watch(key)
    await settle()
    watch('c')
    expect(listened.map(({ channel }) => channel)).toEqual(['pds'])
  })

  it('says that it watches after it heard its check', async () => {
    watch('a')
    expect(feed.isWatching('a')).toBe(false)
    await settle()
    expect(feed.isWatching('a')).toBe(false)
    await hearCheck()
    expect(feed.isWatching('a')).toBe(true)
    expect(feed.isWatching('b')).toBe(false)
  })

  it('calls the watchers of the changed key, without arguments, until they are stopped', async () => {
    const args: unknown[][] = []
    const stop = feed.watch('a', (...received: unknown[]) => args.push(received))
    const stopOther = watch('a')
    watch('b')
    await settle()
    calls = []
    args.length = 0
    await hear('key:a')
    expect([args, calls]).toEqual([[[]], ['a']])
    stop()
    stop()
    await hear('key:a')
    expect([args, calls]).toEqual([[[]], ['a', 'a']])
    current().events.heard('key:a')
    stopOther()
    await settle()
    expect(calls).toEqual(['a', 'a'])
    for (const payload of ['b', '', undefined, 'check:b', 'key:', 'key:c']) await hear(payload)
    expect(calls).toEqual(['a', 'a'])
    await hear('key:b')
    expect(calls).toEqual(['a', 'a', 'b'])
  })

  it('calls the watchers after it began to listen, because it missed earlier changes', async () => {
    watch('a')
    watch('b')
    await settle()
    expect(calls).toEqual(['a', 'b'])
  })

  it('checks the subscription every 4 seconds while it is asked', async () => {
    await begin()
    expect(checks).toHaveLength(1)
    now += 3999
    feed.isWatching('a')
    expect(checks).toHaveLength(1)
    now += 1
    feed.isWatching('a')
    feed.isWatching('a')
    expect(checks).toHaveLength(2)
  })

  it('does not say that it watches if the last check that it heard is older than 9 seconds', async () => {
    await begin()
    now += 5000
    expect(feed.isWatching('a')).toBe(true)
    now += 4000
    expect(feed.isWatching('a')).toBe(true)
    now += 1
    expect(feed.isWatching('a')).toBe(false)
    await hearCheck()
    expect(feed.isWatching('a')).toBe(true)
  })

  it('calls all watchers if an earlier check was lost', async () => {
    await begin()
    watch('b')
    for (let count = 0; count < 2; count++) {
      now += 4000
      feed.isWatching('a')
    }
    await hearCheck()
    expect(calls).toEqual(['a', 'b'])
  })

  it('ignores the checks of other feeds, and its own from before a reconnection', async () => {
    await begin()
    now += 5000
    feed.isWatching('a')
    const old = checks.at(-1)
    await hear(`check:${crypto.randomUUID()} 5 ${now}`)
    current().events.subscribed()
    await hearCheck(old)
    expect(feed.isWatching('a')).toBe(false)
    await hearCheck()
    expect(feed.isWatching('a')).toBe(true)
  })

  it('calls all watchers after the connection says that it listens again', async () => {
    await begin()
    watch('b')
    current().events.subscribed()
    await settle()
    expect(calls).toEqual(['a', 'b'])
    expect(listened).toHaveLength(1)
  })

  it('listens again after the connection is lost, when it is asked 4 seconds later', async () => {
    await begin()
    current().events.lost()
    await settle()
    expect(listened[0]?.stops).toBe(1)
    expect(feed.isWatching('a')).toBe(false)
    expect(listened).toHaveLength(1)
    now += 4000
    expect(feed.isWatching('a')).toBe(false)
    await settle()
    expect(listened).toHaveLength(2)
    expect(calls).toEqual(['a'])
    await hearCheck()
    expect(feed.isWatching('a')).toBe(true)
  })

  it('ignores a connection that it has replaced', async () => {
    await begin()
    const [first] = listened as [Listening]
    first.events.lost()
    now += 4000
    feed.isWatching('a')
    await settle()
    await hearCheck()
    calls = []
    first.events.heard('key:a')
    first.events.subscribed()
    first.events.lost()
    await settle()
    expect(calls).toEqual([])
    expect(feed.isWatching('a')).toBe(true)
    expect(first.stops).toBe(1)
  })

  it('listens again if no check is heard for more than 9 seconds', async () => {
    await begin()
    for (let asked = 0; asked < 3; asked++) {
      now += 4000
      feed.isWatching('a')
    }
    await settle()
    expect(listened).toHaveLength(1)
    now += 4000
    feed.isWatching('a')
    await settle()
    expect(listened).toHaveLength(2)
    expect(listened[0]?.stops).toBe(1)
  })

  it('does not listen again after a long time without a question', async () => {
    await begin()
    now += 3_600_000
    expect(feed.isWatching('a')).toBe(false)
    await hearCheck()
    expect(feed.isWatching('a')).toBe(true)
    expect(listened).toHaveLength(1)
  })

  it('listens again if listen rejects or throws', async () => {
    listen = async () => Promise.reject(new Error('no connection'))
    watch('a')
    await settle()
    listen = () => {
      throw new Error('no connection')
    }
    now += 4000
    feed.isWatching('a')
    await settle()
    listen = async (listening) => () => listening.stops++
    now += 4000
    feed.isWatching('a')
    await settle()
    expect(listened).toHaveLength(3)
    await hearCheck()
    expect(feed.isWatching('a')).toBe(true)
  })

  it('listens again if listen does not fulfil, and ends the late connection', async () => {
    let open = (_stop: () => unknown) => {}
    listen = () => new Promise((resolve) => (open = resolve))
    watch('a')
    listen = async (listening) => () => listening.stops++
    now += 9001
    feed.isWatching('a')
    await settle()
    expect(listened).toHaveLength(2)
    let isStopped = false
    open(() => (isStopped = true))
    await settle()
    expect(isStopped).toBe(true)
    await hearCheck()
    expect(feed.isWatching('a')).toBe(true)
  })

  it('survives checks that cannot be sent and connections that cannot be ended', async () => {
    notify = async () => Promise.reject(new Error('no connection'))
    listen = async () => () => Promise.reject(new Error('no connection'))
    watch('a')
    await settle()
    expect(feed.isWatching('a')).toBe(false)
    await feed.close()
  })

  it('ends the subscription when it is closed, and does not listen again', async () => {
    await begin()
    await feed.close()
    expect(current().stops).toBe(1)
    now += 60_000
    expect(feed.isWatching('a')).toBe(false)
    await settle()
    expect(listened).toHaveLength(1)
    expect(calls).toEqual([])
  })

  it('ends a connection that is opened after it was closed', async () => {
    let open = (_stop: () => unknown) => {}
    listen = () => new Promise((resolve) => (open = resolve))
    watch('a')
    await feed.close()
    let isStopped = false
    open(() => (isStopped = true))
    await settle()
    expect(isStopped).toBe(true)
    expect(calls).toEqual([])
  })
})
