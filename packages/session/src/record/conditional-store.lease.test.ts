import type { ConditionalStoreOptions } from '@pds/session'
import { describe, expect, it } from 'vitest'
import { memoryDatabase } from './memory-database.test-helper.ts'

const record = (data: string, epoch = 0) => ({ epoch, data })

describe('the clock of a process', () => {
  const now = Date.UTC(2026, 11, 1)

  /** Opens two stores over one database. The clock of the second one differs by `skew` milliseconds. */
  function openTwo(skew: number, options: Partial<ConditionalStoreOptions<number>> = {}) {
    const { open, entries } = memoryDatabase()
    let time = now
    return {
      entries,
      advance: (milliseconds: number) => {
        time += milliseconds
      },
      one: open({ clock: () => time, ...options }),
      other: open({ clock: () => time + skew, ...options }),
    }
  }

  it.each([-1000, -999, 0, 999, 1000])('may differ by %i ms: no lease is taken early', async (skew) => {
    const { one, other, advance } = openTwo(skew)
    await one.lease('key', 'one', 30_000)
    for (let left = 30_000; left > 0; left -= 500) {
      expect(await other.lease('key', 'other', 30_000)).toBeUndefined()
      advance(500)
    }
    // The lease is over by then. It can be taken after the tolerance and the difference.
    advance(1000 - skew)
    expect(await other.lease('key', 'other', 30_000)).toBeDefined()
  })

  it('ahead by more than the tolerance takes a lease early, but only by the difference', async () => {
    const { one, other, advance } = openTwo(5000)
    await one.lease('key', 'one', 30_000)
    advance(25_999)
    expect(await other.lease('key', 'other', 30_000)).toBeUndefined()
    advance(1)
    expect(await other.lease('key', 'other', 30_000)).toBeDefined()
  })

  it('that was an hour ahead leaves no lease that lasts for an hour', async () => {
    const { one, other } = openTwo(3_600_000)
    const ahead = await other.lease('key', 'other', 30_000)
    const lease = await one.lease('key', 'one', 30_000)
    expect(lease?.fence).toBeGreaterThan(ahead?.fence ?? 0)
    // The next fencing token is higher too, although the clock is lower than the last one.
    await one.release('key', 'one', lease?.fence ?? 0)
    expect((await one.lease('key', 'one', 30_000))?.fence).toBe((lease?.fence ?? 0) + 1)
  })

  it('may differ by more with the option clockTolerance', async () => {
    const { one, other, advance } = openTwo(60_000, { clockTolerance: 60_000 })
    await one.lease('key', 'one', 30_000)
    advance(29_999)
    expect(await other.lease('key', 'other', 30_000)).toBeUndefined()
    advance(1)
    expect(await other.lease('key', 'other', 30_000)).toBeDefined()
    expect(await one.lease('key', 'one', 30_000)).toBeUndefined()
  })

  it('does not decide which write succeeds', async () => {
    const { one, other } = openTwo(3_600_000)
    const holder = { owner: 'one', fence: (await one.lease('key', 'one', 30_000))?.fence ?? 0 }
    await other.lease('key', 'other', 30_000)
    expect(await one.compareAndSet('key', record('a'), 0, holder)).toBe(true)
    expect(await other.compareAndSet('key', record('b'), 0)).toBe(false)
    // The late holder has not released the lease of the other one.
    expect(await other.lease('key', 'third', 30_000)).toBeUndefined()
  })

  it('rounds a fractional duration and time up', async () => {
    const { entries, open } = memoryDatabase()
    await open({ clock: () => 1000.5 }).lease('key', 'one', 30.2)
    expect(JSON.parse(entries.get('key')?.value ?? '')).toMatchObject({
      fence: 1001,
      lease: { until: 1032, ttl: 31 },
    })
  })
})

describe('a key without a record', () => {
  function openWithClock() {
    const database = memoryDatabase()
    const clock = { now: 1_000_000 }
    const store = database.open({ delete: database.delete, clock: () => clock.now })
    const leaseAndRelease = async (
      key: string,
      store = database.open({ delete: database.delete, clock: () => clock.now }),
    ) => {
      const lease = await store.lease(key, 'one', 30_000)
      await store.release(key, 'one', lease?.fence ?? 0)
    }
    return { ...database, clock, store, leaseAndRelease }
  }

  it('is deleted at a release when no later fencing token can be lower', async () => {
    const { store, entries, clock, leaseAndRelease } = openWithClock()
    await leaseAndRelease('first', store)
    await leaseAndRelease('second', store)
    expect([...entries.keys()]).toEqual(['first', 'second'])
    clock.now += 1001
    await leaseAndRelease('third', store)
    expect([...entries.keys()]).toEqual(['third'])
  })

  it('is deleted at its own release if the lease is old enough', async () => {
    const { store, entries, clock } = openWithClock()
    const lease = await store.lease('key', 'one', 30_000)
    clock.now += 1001
    await store.release('key', 'one', lease?.fence ?? 0)
    expect(entries.size).toBe(0)
    expect((await store.lease('key', 'one', 30_000))?.fence).toBeGreaterThan(lease?.fence ?? 0)
  })

  it('is not deleted if it was written or leased before its deletion', async () => {
    const { store, entries, calls, clock, leaseAndRelease } = openWithClock()
    await leaseAndRelease('written', store)
    await leaseAndRelease('leased', store)
    await store.compareAndSet('written', record('a'), 0)
    await store.lease('leased', 'other', 30_000)
    clock.now += 5000
    await leaseAndRelease('third', store)
    expect([...entries.keys()]).toEqual(['written', 'leased', 'third'])
    expect(calls.filter((call) => call.startsWith('delete'))).toEqual([])
  })

  it('is not deleted while its last fencing token is young', async () => {
    const { open, store, entries, clock, leaseAndRelease } = openWithClock()
    await leaseAndRelease('key', store)
    clock.now += 500
    // Another process, which deletes nothing.
    await leaseAndRelease('key', open({ clock: () => clock.now }))
    clock.now += 501
    await leaseAndRelease('second', store)
    expect([...entries.keys()]).toEqual(['key', 'second'])
  })

  it('is deleted only in the version that was read', async () => {
    const { open, get, entries, clock, ...database } = openWithClock()
    const versions: [number | undefined, number][] = []
    const store = open({
      clock: () => clock.now,
      async delete(key, ifVersion) {
        versions.push([entries.get(key)?.version, ifVersion])
        return database.delete(key, ifVersion)
      },
    })
    const lease = await store.lease('key', 'one', 30_000)
    clock.now += 1001
    await store.release('key', 'one', lease?.fence ?? 0)
    expect(versions).toEqual([[2, 2]])
  })

  it('stays without the option delete, or if delete fails', async () => {
    const { open, entries, clock, leaseAndRelease } = openWithClock()
    const fail = async () => {
      throw new Error('not allowed')
    }
    for (const options of [{}, { delete: fail }]) {
      const store = open({ ...options, clock: () => clock.now })
      const lease = await store.lease('key', 'one', 30_000)
      clock.now += 1001
      await store.release('key', 'one', lease?.fence ?? 0)
      expect(entries.size).toBe(1)
      await leaseAndRelease('key', store)
    }
  })
})
