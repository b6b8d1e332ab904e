import { StatementSync } from 'node:sqlite'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { connect, failure, openStore, temporaryFile } from './temporary.test-helper.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const record = { epoch: 0, data: 'data' }

/** Returns a function that counts the commits since now. */
function countCommits(): () => number {
  const { mock } = vi.spyOn(StatementSync.prototype, 'run')
  return () => (mock.contexts as StatementSync[]).filter(({ sourceSQL }) => sourceSQL === 'COMMIT').length
}

/** Opens a store, and another connection that runs SQL. */
async function openWith(sql: string) {
  const file = temporaryFile()
  const store = openStore(file)
  await store.read('key')
  const other = connect(file)
  other.exec(sql)
  return { store, other }
}

describe('the writes of one turn of the event loop', () => {
  it('share one transaction', async () => {
    const { store } = await openWith('')
    const commits = countCommits()
    const lease = await store.lease('key', 'one', 60_000)
    const holder = { owner: 'one', fence: lease?.fence ?? 0 }
    expect(commits()).toBe(1)
    await Promise.all([
      store.compareAndSet('key', record, 0, holder),
      store.compareAndSet('other', record, 0),
      store.lease('third', 'one', 60_000),
      Promise.resolve().then(() => store.release('fourth', 'one', 1)),
    ])
    expect(commits()).toBe(2)
  })

  it('are seen by the reads that follow them', async () => {
    const { store } = await openWith('')
    const results = await Promise.all([
      store.compareAndSet('key', { epoch: 0, data: 'a' }, 0),
      store.read('key'),
      store.compareAndSet('key', { epoch: 0, data: 'b' }, 1),
      store.compareAndSet('key', { epoch: 0, data: 'c' }, 1),
      store.read('key'),
    ])
    const [a, b] = [
      { epoch: 0, data: 'a', rev: 1 },
      { epoch: 0, data: 'b', rev: 2 },
    ]
    expect(results).toEqual([true, a, true, false, b])
  })

  it('continue in the next turn when they take longer than 10 milliseconds', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const store = openStore(temporaryFile(), () => {
      vi.advanceTimersByTime(4)
      return 0
    })
    await store.read('key')
    const commits = countCommits()
    const turns: number[] = []
    const countTurns = () => {
      if (turns.push(commits()) < 4) setImmediate(countTurns)
    }
    const leases = Array.from({ length: 9 }, (_, key) => store.lease(`${key}`, 'one', 60_000))
    setImmediate(countTurns)
    expect(await Promise.all(leases)).toEqual(Array(9).fill({ fence: 1, record: undefined }))
    await vi.waitUntil(() => turns.length === 4)
    expect(turns).toEqual([1, 2, 3, 3])
  })

  it('let reads have a turn between them', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const store = openStore(temporaryFile(), () => {
      vi.advanceTimersByTime(10)
      return 0
    })
    await store.read('key')
    const order: string[] = []
    await Promise.all([
      ...['a', 'b', 'c'].map((key) => store.lease(key, 'one', 60_000).then(() => order.push(key))),
      store.read('key').then(() => order.push('read')),
    ])
    expect(order.indexOf('read')).toBeLessThan(2)
    expect(order.filter((key) => key !== 'read')).toEqual(['a', 'b', 'c'])
  })
})

describe('a statement that fails', () => {
  it.each(['ABORT', 'FAIL', 'ROLLBACK'])('(%s) rejects its call only', async (action) => {
    const { store } = await openWith(`
      CREATE TRIGGER bad BEFORE INSERT ON records WHEN new.key GLOB 'bad*' BEGIN
        SELECT RAISE(${action}, 'secret');
      END
    `)
    const keys = ['a', 'bad 1', 'b', 'c', 'bad 2', 'bad 3', 'd']
    const writes = await Promise.allSettled(keys.map((key) => store.compareAndSet(key, record, 0)))
    expect(writes.map(({ status }) => status === 'fulfilled')).toEqual(keys.map((key) => key.length === 1))
    for (const key of keys) {
      expect(await store.read(key)).toEqual(key.length === 1 ? { ...record, rev: 1 } : undefined)
    }
  })

  it('undoes the earlier statements of its call', async () => {
    const { store } = await openWith(`
      CREATE TRIGGER bad BEFORE UPDATE ON leases WHEN new.owner IS NULL BEGIN SELECT RAISE(ABORT, 'secret'); END
    `)
    const { fence = 0 } = (await store.lease('key', 'one', 60_000)) ?? {}
    const writes = [
      failure(store.compareAndSet('key', record, 0, { owner: 'one', fence })),
      store.compareAndSet('other', record, 0),
    ] as const
    expect((await writes[0]).message).toMatch(/^SQLite: constraint failed, code \d+ \(\S+\)$/)
    expect(await writes[1]).toBe(true)
    expect(await store.read('key')).toBeUndefined()
  })

  it('does not slow down many others', async () => {
    const { store } = await openWith('')
    const commits = countCommits()
    const writes = Array.from({ length: 200 }, (_, index) =>
      store.compareAndSet(`${index}`, { epoch: index === 150 ? 0.5 : 0, data: '' }, 0),
    )
    const results = await Promise.allSettled(writes)
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(commits()).toBeLessThan(10)
  })
})

describe('a commit that fails', () => {
  // The foreign key is checked by the commit.
  const failingCommit = `
    CREATE TABLE child (parent REFERENCES records (key) DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER bad AFTER INSERT ON records WHEN new.key = 'bad' BEGIN INSERT INTO child VALUES ('none'); END
  `

  it('rejects all calls of the transaction, and stores nothing', async () => {
    const { store, other } = await openWith(failingCommit)
    const calls = [
      store.compareAndSet('a', record, 0),
      store.lease('a', 'one', 60_000),
      store.compareAndSet('bad', record, 0),
      store.read('a'),
    ]
    for (const error of await Promise.all(calls.map(failure))) {
      expect(error.message).toMatch(/^SQLite: constraint failed, code 787 /)
    }
    expect(await store.read('a')).toBeUndefined()
    expect(await store.lease('a', 'other', 60_000)).toBeDefined()
    other.exec('DROP TRIGGER bad')
    expect(await store.compareAndSet('bad', record, 0)).toBe(true)
  })

  it('calls no watcher', async () => {
    const { store } = await openWith(failingCommit)
    const changed = vi.fn()
    store.watch?.('bad', changed)
    await failure(store.compareAndSet('bad', record, 0))
    expect(changed).not.toHaveBeenCalled()
  })
})
