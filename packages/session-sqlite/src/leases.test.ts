import { describe, expect, it } from 'vitest'
import { connect, openStore, temporaryFile } from './temporary.test-helper.ts'

describe('a lease', () => {
  it('expires after its duration', async () => {
    let now = 5000
    const store = openStore(temporaryFile(), () => now)
    await store.lease('key', 'one', 100.5)
    now = 5100
    expect(await store.lease('key', 'other', 100)).toBeUndefined()
    now = 5100.5
    expect(await store.lease('key', 'other', 100)).toBeDefined()
  })

  it('expires when the clock is set back by more than a second', async () => {
    let now = 10_000
    const store = openStore(temporaryFile(), () => now)
    await store.lease('key', 'one', 60_000)
    now = 9000
    expect(await store.lease('key', 'other', 60_000)).toBeUndefined()
    now = 8999
    expect(await store.lease('key', 'other', 60_000)).toBeDefined()
    expect(await store.lease('key', 'one', 60_000)).toBeUndefined()
  })

  it('has a fencing token that increases after a release and a restart', async () => {
    const file = temporaryFile()
    const first = openStore(file, () => 1000)
    const { fence = 0 } = (await first.lease('key', 'one', 60_000)) ?? {}
    await first.release('key', 'one', fence)
    first.close()
    const next = await openStore(file, () => 999).lease('key', 'other', 60_000)
    expect(next?.fence).toBe(fence + 1)
  })

  it('uses the time of day by default', async () => {
    const file = temporaryFile()
    const now = Date.now()
    await openStore(file, () => now - 30_000).lease('key', 'one', 60_000)
    expect(await openStore(file).lease('key', 'other', 60_000)).toBeUndefined()
    await openStore(file, () => now - 90_000).lease('another key', 'one', 60_000)
    expect(await openStore(file).lease('another key', 'other', 60_000)).toBeDefined()
  })

  it('that another clock wrote does not end later than its duration from now', async () => {
    const file = temporaryFile()
    const now = Date.now()
    await openStore(file, () => now + 3_600_000).lease('key', 'one', 30_000)
    expect(await openStore(file, () => now).lease('key', 'other', 30_000)).toBeDefined()
  })

  it.each([
    ['a time of infinity', 'taken = 9e999'],
    ['a duration of infinity', 'ttl = 9e999'],
    ['a duration that no session uses', 'ttl = 1e15'],
    ['an infinite past', 'taken = -9e999'],
  ])('with %s counts as expired', async (_case, damage) => {
    const file = temporaryFile()
    const store = openStore(file)
    const first = await store.lease('key', 'one', 60_000)
    connect(file).exec(`UPDATE leases SET ${damage}`)
    const next = await store.lease('key', 'other', 60_000)
    expect(next?.fence).toBeGreaterThan(first?.fence ?? 0)
    expect(await store.lease('key', 'one', 60_000)).toBeUndefined()
  })

  it.each(['-5', '0', '9007199254740991', '9223372036854775807', '-9223372036854775808'])(
    'with the fencing token %s can be taken and released',
    async (fence) => {
      const file = temporaryFile()
      const store = openStore(file)
      const first = await store.lease('key', 'one', 60_000)
      connect(file).exec(`UPDATE leases SET fence = ${fence}, owner = NULL`)
      const next = await store.lease('key', 'other', 60_000)
      expect(next?.fence).toBeGreaterThanOrEqual(first?.fence ?? 0)
      await store.release('key', 'other', next?.fence ?? 0)
      expect(await store.lease('key', 'one', 60_000)).toBeDefined()
    },
  )

  it.each(['a\0b', 'a\0c', 'a'])('of the owner %j is compared with the whole name', async (owner) => {
    const store = openStore(temporaryFile())
    await store.lease('key', 'a\0b', 60_000)
    expect((await store.lease('key', owner, 60_000)) !== undefined).toBe(owner === 'a\0b')
  })
})
