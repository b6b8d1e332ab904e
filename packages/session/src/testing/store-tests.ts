import type { Store } from '../record/store.ts'
import { equal, eventually, holds } from './check.ts'

/** Opens a store once more: all that one opener gives share what they keep, as two processes would. */
export type StoreOpener = () => Promise<Store> | Store

/** One thing that a store has to do. */
export interface StoreTest {
  /** What the store has to do, as a sentence without its subject. */
  name: string
  /** Rejects with an error that says what the store did instead. */
  run(): Promise<void>
}

/**
 * Gives the tests of the `Store` contract, for a runner of your choice:
 * `for (const { name, run } of storeTests(open)) it(name, run)`.
 *
 * Each test uses keys of its own, so that one opener, and one database behind it, serves all of them.
 */
export function storeTests(open: StoreOpener): StoreTest[] {
  const tests: StoreTest[] = []
  const test = (name: string, run: (key: string) => Promise<void>) => {
    tests.push({ name, run: () => run(`key of ${name} ${crypto.randomUUID()}`) })
  }
  const record = (epoch: number, data: string) => ({ epoch, data })

  test('has nothing under a key that was never written', async (key) => {
    equal(await (await open()).read(key), undefined, 'read')
  })

  test('gives back what was written, with the revision 1', async (key) => {
    const store = await open()
    equal(await store.compareAndSet(key, record(7, 'first'), 0), true, 'compareAndSet of a new key')
    equal(await store.read(key), { epoch: 7, data: 'first', rev: 1 }, 'read')
  })

  test('shares records with whoever opens it too', async (key) => {
    const [one, other] = [await open(), await open()]
    await one.compareAndSet(key, record(0, 'one'), 0)
    equal(await other.read(key), { epoch: 0, data: 'one', rev: 1 }, 'read by the other')
    equal(await other.compareAndSet(key, record(1, 'other'), 1), true, 'compareAndSet by the other')
    equal(await one.read(key), { epoch: 1, data: 'other', rev: 2 }, 'read by the one')
  })

  test('writes only over the revision that is expected', async (key) => {
    const store = await open()
    equal(
      await store.compareAndSet(key, record(0, 'too early'), 1),
      false,
      'compareAndSet of a new key with revision 1',
    )
    equal(await store.read(key), undefined, 'read after it')
    await store.compareAndSet(key, record(0, 'a'), 0)
    equal(
      await store.compareAndSet(key, record(0, 'b'), 0),
      false,
      'compareAndSet as if there were no record',
    )
    equal(await store.compareAndSet(key, record(0, 'b'), 2), false, 'compareAndSet with a later revision')
    equal(await store.compareAndSet(key, record(0, 'b'), 1), true, 'compareAndSet with the revision')
    equal(
      await store.compareAndSet(key, record(0, 'c'), 1),
      false,
      'compareAndSet with the revision of before',
    )
    equal(await store.read(key), { epoch: 0, data: 'b', rev: 2 }, 'read')
  })

  test('lets one of many writers win, each time', async (key) => {
    const stores = await Promise.all(Array.from({ length: 4 }, async () => open()))
    for (let rev = 0; rev < 5; rev++) {
      const writers = Array.from({ length: 20 }, (_, number) => ({
        number,
        store: stores[number % 4] as Store,
      }))
      const won = await Promise.all(
        writers.map(({ number, store }) => store.compareAndSet(key, record(rev, `${number}`), rev)),
      )
      equal(won.filter(Boolean).length, 1, `writers that won over revision ${rev}`)
      const winner = `${won.indexOf(true)}`
      equal(await stores[0]?.read(key), { epoch: rev, data: winner, rev: rev + 1 }, 'read')
    }
  })

  test('keeps keys apart, whatever stands in them', async (key) => {
    const store = await open()
    const ends = [
      '',
      ' ',
      '{}',
      '}{',
      '{a}b',
      ':',
      '*',
      '%',
      "'",
      '"',
      '\\',
      '/../',
      '字',
      '\u{1F511}',
      'A',
      'a',
      'x'.repeat(300),
    ]
    for (const [index, end] of ends.entries()) {
      equal(
        await store.compareAndSet(key + end, record(index, end), 0),
        true,
        `compareAndSet of a key that ends with ${end}`,
      )
    }
    for (const [index, end] of ends.entries()) {
      equal(await store.read(key + end), { epoch: index, data: end, rev: 1 }, `a key that ends with ${end}`)
    }
    equal((await store.lease(`${key}{a}`, 'one', 60_000)) !== undefined, true, 'lease of one key')
    equal((await store.lease(`${key}{a}b`, 'other', 60_000)) !== undefined, true, 'lease of another key')
  })

  test('keeps any text, and a long one', async (key) => {
    const store = await open()
    for (const [rev, data] of ['', '\n\r\t"\\{}', '字 \u{1F511}', 'x'.repeat(100_000)].entries()) {
      equal(await store.compareAndSet(key, record(2 ** 40 + rev, data), rev), true, 'compareAndSet')
      equal(await store.read(key), { epoch: 2 ** 40 + rev, data, rev: rev + 1 }, 'read')
    }
  })

  test('keeps what it was given, also where that is changed afterwards', async (key) => {
    const store = await open()
    const given = { epoch: 1, data: 'as it was' }
    await store.compareAndSet(key, given, 0)
    given.data = 'changed'
    equal((await store.read(key))?.data, 'as it was', 'data')
  })

  test('lends a key to one owner at a time', async (key) => {
    const [one, other] = [await open(), await open()]
    const fence = await one.lease(key, 'one', 60_000)
    holds(fence !== undefined, 'the first lease is given')
    equal(await other.lease(key, 'other', 60_000), undefined, 'lease of a key that is lent')
    await one.release(key, 'one', fence as number)
    holds((await other.lease(key, 'other', 60_000)) !== undefined, 'a lease is given after the release')
    equal(await one.lease(key, 'one', 60_000), undefined, 'lease by the former owner')
  })

  test('lends a key to one of many who ask together', async (key) => {
    const stores = await Promise.all(Array.from({ length: 4 }, async () => open()))
    const asked = Array.from({ length: 20 }, (_, owner) =>
      (stores[owner % 4] as Store).lease(key, `${owner}`, 60_000),
    )
    equal((await Promise.all(asked)).filter((fence) => fence !== undefined).length, 1, 'leases')
  })

  test('gives a lease anew to its own owner', async (key) => {
    const store = await open()
    const first = await store.lease(key, 'one', 60_000)
    const second = await store.lease(key, 'one', 60_000)
    holds((second ?? 0) > (first ?? 0), `the second number, ${second}, is higher than the first, ${first}`)
    await store.release(key, 'one', first as number)
    equal(await store.lease(key, 'other', 60_000), undefined, 'lease after the release of the first number')
  })

  test('lends a key again once the time is over, with a higher number', async (key) => {
    const [one, other] = [await open(), await open()]
    const first = await one.lease(key, 'one', 30)
    const second = await eventually('a lease of 30 ms is over', () => other.lease(key, 'other', 60_000))
    holds(second > (first ?? 0), `the second number, ${second}, is higher than the first, ${first}`)
    await one.release(key, 'one', first as number)
    equal(await one.lease(key, 'one', 60_000), undefined, 'lease after the late release of the first owner')
  })

  test('releases for nobody but the owner', async (key) => {
    const store = await open()
    const fence = (await store.lease(key, 'one', 60_000)) as number
    await store.release(key, 'other', fence)
    await store.release(key, 'one', fence + 1)
    await store.release(`${key} that is not lent`, 'one', 1)
    equal(await store.lease(key, 'other', 60_000), undefined, 'lease after releases by others')
    await store.release(key, 'one', fence)
    await store.release(key, 'one', fence)
    const next = await store.lease(key, 'other', 60_000)
    holds((next ?? 0) > fence, `the number of the next lease, ${next}, is higher than ${fence}`)
  })

  test('lends a key while it is written, and writes it while it is lent', async (key) => {
    const [one, other] = [await open(), await open()]
    await one.lease(key, 'one', 60_000)
    equal(await other.compareAndSet(key, record(0, 'other'), 0), true, 'compareAndSet by who has no lease')
    equal((await one.read(key))?.data, 'other', 'data')
  })

  test('names a scope that there is', async () => {
    const { scope } = await open()
    holds(['process', 'origin', 'machine', 'cluster'].includes(scope), `scope is ${scope}`)
  })

  test('tells who watches of a change, and nobody else, where it can', async (key) => {
    const [one, other] = [await open(), await open()]
    if (!one.watch) return
    const given: unknown[][] = []
    let ofOther = 0
    const end = one.watch(key, (...values: unknown[]) => given.push(values))
    const endOther = one.watch(`${key} of another`, () => ofOther++)
    await other.compareAndSet(key, record(0, 'a'), 0)
    await eventually('who watches is told of a change', async () => given[0])
    end()
    end()
    endOther()
    equal(given[0], [], 'what a watcher is given')
    equal(ofOther, 0, 'hints for a key that was not written')
  })

  return tests
}
