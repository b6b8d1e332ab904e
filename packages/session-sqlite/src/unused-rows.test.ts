import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connect, openStore, temporaryFile } from './temporary.test-helper.ts'

const day = 86_400_000
const expireAfter = 30 * day
const record = { epoch: 0, data: 'data' }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** Opens a store whose sessions expire. */
function open(options = { expireAfter }) {
  const file = temporaryFile()
  let now = Date.now()
  const store = openStore(file, () => now, options)
  const database = () => connect(file)
  return {
    store,
    database,
    keys: (table: string) =>
      database()
        .prepare(`SELECT key FROM ${table} ORDER BY key`)
        .all()
        .map(({ key }) => key),
    /** Lets days pass for all sessions. */
    pass(days: number) {
      now += days * day
      database().exec(`UPDATE changes SET seconds = seconds - ${(days * day) / 1000}`)
    },
    /** Writes another session, which deletes unused ones. */
    async write(key = 'writer') {
      vi.advanceTimersByTime(60_000)
      const { rev = 0 } = (await store.read(key)) ?? {}
      await store.compareAndSet(key, record, rev)
      await store.read(key)
    },
  }
}

describe('expireAfter', () => {
  it('deletes the record and the lease of a session that was not used for this time', async () => {
    const { store, keys, pass, write } = open()
    await store.compareAndSet('key', record, 0)
    await store.lease('key', 'one', 60_000)
    pass(29)
    await write()
    expect(await store.read('key')).toEqual({ ...record, rev: 1 })
    pass(1)
    await write()
    expect(await store.read('key')).toBeUndefined()
    expect([keys('records'), keys('leases')]).toEqual([['writer'], []])
    pass(30)
    await write()
    expect(keys('changes')).toEqual(['writer'])
  })

  it('counts from the last write or lease', async () => {
    const { store, keys, pass, write } = open()
    for (const key of ['written', 'leased', 'read']) {
      await store.compareAndSet(key, record, 0)
      await store.lease(key, 'one', 60_000)
    }
    pass(20)
    await store.compareAndSet('written', record, 1)
    await store.lease('leased', 'one', 60_000)
    await store.read('read')
    pass(20)
    await write()
    expect(keys('records')).toEqual(['leased', 'writer', 'written'])
    pass(30)
    await write()
    expect(keys('records')).toEqual(['writer'])
  })

  it('keeps a session that is written in the same turn', async () => {
    const { store, pass } = open()
    await store.compareAndSet('key', record, 0)
    pass(40)
    vi.advanceTimersByTime(60_000)
    expect(await store.compareAndSet('key', record, 1)).toBe(true)
    await store.read('other')
    expect(await store.read('key')).toEqual({ ...record, rev: 2 })
  })

  it('deletes leases of sessions without a record', async () => {
    const { store, keys, pass, write } = open()
    await store.lease('key', 'one', 60_000)
    pass(30)
    await write()
    expect(keys('leases')).toEqual([])
  })

  it('lets no fencing token go back', async () => {
    const { store, pass, write } = open()
    const first = await store.lease('key', 'one', 60_000)
    const second = await store.lease('key', 'one', 60_000)
    pass(30)
    await write()
    const next = await store.lease('key', 'other', 60_000)
    expect(second?.fence).toBeGreaterThan(first?.fence ?? 0)
    expect(next?.fence).toBeGreaterThan(second?.fence ?? 0)
  })

  it('deletes at most 20 sessions with one write, and the others with the next writes', async () => {
    const { store, keys, pass, write } = open()
    const names = Array.from({ length: 50 }, (_, index) => `key ${index + 10}`)
    await Promise.all(names.map((key) => store.compareAndSet(key, record, 0)))
    pass(30)
    const counts: number[] = []
    for (let writes = 0; writes < 4; writes++) {
      await write()
      counts.push(keys('records').length)
    }
    expect(counts).toEqual([31, 11, 1, 1])
  })

  it('is off by default', async () => {
    const { store, pass, write } = open({} as never)
    await store.compareAndSet('key', record, 0)
    pass(10_000)
    await write()
    expect(await store.read('key')).toEqual({ ...record, rev: 1 })
  })

  it('counts the time of a wrong clock in the future as now', async () => {
    const { store, database, keys, pass, write } = open()
    await store.compareAndSet('key', record, 0)
    await store.compareAndSet('other', record, 0)
    database().exec("UPDATE changes SET seconds = 9e15 WHERE key = 'key'")
    await write()
    pass(30)
    await write()
    expect(keys('records')).toEqual(['writer'])
  })

  it('tells the watchers of a deleted session', async () => {
    const { store, pass, write } = open()
    await store.compareAndSet('key', record, 0)
    const changed = vi.fn()
    store.watch?.('key', changed)
    pass(30)
    await write()
    expect(changed).toHaveBeenCalledOnce()
  })

  it('fails no write if a deletion fails', async () => {
    const { store, database, pass, write } = open()
    await store.compareAndSet('key', record, 0)
    pass(30)
    database().exec("CREATE TRIGGER bad BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'failed'); END")
    await write()
    expect(await store.read('writer')).toEqual({ ...record, rev: 1 })
    expect(await store.read('key')).toEqual({ ...record, rev: 1 })
  })
})
