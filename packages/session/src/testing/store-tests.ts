import type { Store } from '../record/store.ts'
import { assertEqual, assertThat, eventually } from './check.ts'

/** Opens the store under test. All stores from one opener must share their records, as in two processes. */
export type StoreOpener = () => Promise<Store> | Store

/** A test of the `Store` contract. */
export interface StoreTest {
  /** The behaviour of the store, as a statement without a subject. */
  name: string
  /** Runs the test. Rejects with an error that says what the store did instead. */
  run(): Promise<void>
}

/**
 * Returns the tests of the `Store` contract, for any test runner. Each test uses new keys, so all tests can share one
 * opener and one database.
 *
 * @example
 * ```ts
 * import { test } from 'node:test'
 * import { memoryStore } from '@pds/session'
 * import { storeTests } from '@pds/session/testing'
 *
 * const store = memoryStore() // your store
 * for (const { name, run } of storeTests(() => store)) test(name, run)
 * ```
 */
export function storeTests(open: StoreOpener): StoreTest[] {
  const tests: StoreTest[] = []
  const test = (name: string, run: (key: string) => Promise<void>) => {
    tests.push({ name, run: () => run(`key of ${name} ${crypto.randomUUID()}`) })
  }
  const record = (epoch: number, data: string) => ({ epoch, data })

  test('returns undefined for a key that was never written', async (key) => {
    assertEqual(await (await open()).read(key), undefined, 'read')
  })

  test('returns a new record with revision 1', async (key) => {
    const store = await open()
    assertEqual(await store.compareAndSet(key, record(7, 'first'), 0), true, 'compareAndSet of a new key')
    assertEqual(await store.read(key), { epoch: 7, data: 'first', rev: 1 }, 'read')
  })

  test('shares records with other stores from the same opener', async (key) => {
    const [one, other] = [await open(), await open()]
    await one.compareAndSet(key, record(0, 'one'), 0)
    assertEqual(await other.read(key), { epoch: 0, data: 'one', rev: 1 }, 'read by the other')
    assertEqual(await other.compareAndSet(key, record(1, 'other'), 1), true, 'compareAndSet by the other')
    assertEqual(await one.read(key), { epoch: 1, data: 'other', rev: 2 }, 'read by the first')
  })

  test('writes only if the stored revision is the expected one', async (key) => {
    const store = await open()
    assertEqual(
      await store.compareAndSet(key, record(0, 'too early'), 1),
      false,
      'compareAndSet of a new key with revision 1',
    )
    assertEqual(await store.read(key), undefined, 'read after it')
    await store.compareAndSet(key, record(0, 'a'), 0)
    assertEqual(
      await store.compareAndSet(key, record(0, 'b'), 0),
      false,
      'compareAndSet with revision 0 over a record',
    )
    assertEqual(
      await store.compareAndSet(key, record(0, 'b'), 2),
      false,
      'compareAndSet with a later revision',
    )
    assertEqual(await store.compareAndSet(key, record(0, 'b'), 1), true, 'compareAndSet with the revision')
    assertEqual(
      await store.compareAndSet(key, record(0, 'c'), 1),
      false,
      'compareAndSet with the previous revision',
    )
    assertEqual(await store.read(key), { epoch: 0, data: 'b', rev: 2 }, 'read')
  })

  test('lets exactly one of many concurrent writers succeed', async (key) => {
    const stores = await Promise.all(Array.from({ length: 4 }, async () => open()))
    for (let rev = 0; rev < 5; rev++) {
      const writers = Array.from({ length: 20 }, (_, number) => ({
        number,
        store: stores[number % 4] as Store,
      }))
      const won = await Promise.all(
        writers.map(({ number, store }) => store.compareAndSet(key, record(rev, `${number}`), rev)),
      )
      assertEqual(won.filter(Boolean).length, 1, `successful writers over revision ${rev}`)
      const winner = `${won.indexOf(true)}`
      assertEqual(await stores[0]?.read(key), { epoch: rev, data: winner, rev: rev + 1 }, 'read')
    }
  })

  test('separates keys with any characters', async (key) => {
    const store = await open()
    const suffixes = [
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
      // UTF-8 encodes every lone surrogate as the same replacement character.
      '\ud800',
      '\udbff',
      '\udc00x',
      '\ufffd',
      '\0',
      'a\0b',
    ]
    for (const [index, suffix] of suffixes.entries()) {
      assertEqual(
        await store.compareAndSet(key + suffix, record(index, `${index}`), 0),
        true,
        `compareAndSet of a key that ends with ${suffix}`,
      )
    }
    for (const [index, suffix] of suffixes.entries()) {
      assertEqual(
        await store.read(key + suffix),
        { epoch: index, data: `${index}`, rev: 1 },
        `a key that ends with ${suffix}`,
      )
    }
    assertEqual(
      (await store.lease(`${key}\udbff`, 'one', 60_000))?.record,
      { epoch: suffixes.indexOf('\udbff'), data: `${suffixes.indexOf('\udbff')}`, rev: 1 },
      'record of a lease',
    )
    assertEqual((await store.lease(`${key}{a}`, 'one', 60_000)) !== undefined, true, 'lease of one key')
    assertEqual(
      (await store.lease(`${key}{a}b`, 'other', 60_000)) !== undefined,
      true,
      'lease of another key',
    )
  })

  test('stores any text, and 100,000 characters', async (key) => {
    const store = await open()
    for (const [rev, data] of ['', '\n\r\t"\\{}', '字 \u{1F511}', 'x'.repeat(100_000)].entries()) {
      assertEqual(await store.compareAndSet(key, record(2 ** 40 + rev, data), rev), true, 'compareAndSet')
      assertEqual(await store.read(key), { epoch: 2 ** 40 + rev, data, rev: rev + 1 }, 'read')
    }
  })

  test('copies a record, so that later changes of the object do not matter', async (key) => {
    const store = await open()
    const written = { epoch: 1, data: 'original' }
    await store.compareAndSet(key, written, 0)
    written.data = 'changed'
    assertEqual((await store.read(key))?.data, 'original', 'data')
  })

  test('grants a lease to one owner at a time', async (key) => {
    const [one, other] = [await open(), await open()]
    const { fence } = (await one.lease(key, 'one', 60_000)) ?? {}
    assertThat(fence !== undefined, 'the first lease is granted')
    assertEqual(await other.lease(key, 'other', 60_000), undefined, 'lease of a leased key')
    await one.release(key, 'one', fence as number)
    assertThat(
      (await other.lease(key, 'other', 60_000)) !== undefined,
      'a lease is granted after the release',
    )
    assertEqual(await one.lease(key, 'one', 60_000), undefined, 'lease by the former owner')
  })

  test('grants a lease to exactly one of many concurrent owners', async (key) => {
    const stores = await Promise.all(Array.from({ length: 4 }, async () => open()))
    const leases = Array.from({ length: 20 }, (_, owner) =>
      (stores[owner % 4] as Store).lease(key, `${owner}`, 60_000),
    )
    assertEqual((await Promise.all(leases)).filter((lease) => lease !== undefined).length, 1, 'leases')
  })

  test('returns with a lease the record that the key has at that moment', async (key) => {
    const [one, other] = [await open(), await open()]
    const first = await one.lease(key, 'one', 60_000)
    assertEqual(first?.record, undefined, 'record of a key that was never written')
    await other.compareAndSet(key, record(3, 'a'), 0)
    const again = await one.lease(key, 'one', 60_000)
    assertEqual(again?.record, { epoch: 3, data: 'a', rev: 1 }, 'record of the next lease')
    await one.release(key, 'one', again?.fence as number)
    await one.compareAndSet(key, record(4, 'b'), 1)
    const next = await other.lease(key, 'other', 60_000)
    assertEqual(next?.record, { epoch: 4, data: 'b', rev: 2 }, 'record of a lease after a release')
  })

  test('releases a lease with the write of its holder', async (key) => {
    const [one, other] = [await open(), await open()]
    const holder = { owner: 'one', fence: (await one.lease(key, 'one', 60_000))?.fence as number }
    assertEqual(await one.compareAndSet(key, record(0, 'a'), 1, holder), false, 'compareAndSet that fails')
    assertEqual(await other.lease(key, 'other', 60_000), undefined, 'lease after a write that failed')
    const wrongHolders = [
      { ...holder, fence: holder.fence + 1 },
      { ...holder, owner: 'other' },
    ]
    for (const [rev, wrong] of wrongHolders.entries()) {
      assertEqual(await other.compareAndSet(key, record(0, 'b'), rev, wrong), true, 'compareAndSet')
      assertEqual(await other.lease(key, 'other', 60_000), undefined, 'lease after a write of another holder')
    }
    assertEqual(await one.compareAndSet(key, record(0, 'c'), 2, holder), true, 'compareAndSet of the holder')
    const next = await other.lease(key, 'other', 60_000)
    assertEqual(next?.record, { epoch: 0, data: 'c', rev: 3 }, 'record of the next lease')
    assertThat((next?.fence ?? 0) > holder.fence, 'the next fencing token is higher')
  })

  test('grants a lease again to its owner, with a higher fencing token', async (key) => {
    const store = await open()
    const first = (await store.lease(key, 'one', 60_000))?.fence
    const second = (await store.lease(key, 'one', 60_000))?.fence
    assertThat(
      (second ?? 0) > (first ?? 0),
      `the second fencing token, ${second}, is higher than the first, ${first}`,
    )
    await store.release(key, 'one', first as number)
    assertEqual(
      await store.lease(key, 'other', 60_000),
      undefined,
      'lease after a release with the first fencing token',
    )
  })

  test('grants an expired lease to another owner, with a higher fencing token', async (key) => {
    const [one, other] = [await open(), await open()]
    const first = (await one.lease(key, 'one', 30))?.fence
    const { fence: second } = await eventually('a lease of 30 ms expires', () =>
      other.lease(key, 'other', 60_000),
    )
    assertThat(
      second > (first ?? 0),
      `the second fencing token, ${second}, is higher than the first, ${first}`,
    )
    await one.release(key, 'one', first as number)
    assertEqual(
      await one.lease(key, 'one', 60_000),
      undefined,
      'lease after the late release of the first owner',
    )
  })

  test('releases a lease only for its owner and fencing token', async (key) => {
    const store = await open()
    const fence = (await store.lease(key, 'one', 60_000))?.fence as number
    await store.release(key, 'other', fence)
    await store.release(key, 'one', fence + 1)
    await store.release(`${key} without a lease`, 'one', 1)
    assertEqual(await store.lease(key, 'other', 60_000), undefined, 'lease after releases that do not match')
    await store.release(key, 'one', fence)
    await store.release(key, 'one', fence)
    const next = (await store.lease(key, 'other', 60_000))?.fence
    assertThat((next ?? 0) > fence, `the next fencing token, ${next}, is higher than ${fence}`)
  })

  test('writes a leased key, even for a caller without the lease', async (key) => {
    const [one, other] = [await open(), await open()]
    await one.lease(key, 'one', 60_000)
    assertEqual(
      await other.compareAndSet(key, record(0, 'other'), 0),
      true,
      'compareAndSet without the lease',
    )
    assertEqual((await one.read(key))?.data, 'other', 'data')
  })

  test('has a known scope', async () => {
    const { scope } = await open()
    assertThat(['process', 'origin', 'machine', 'cluster'].includes(scope), `scope is ${scope}`)
  })

  test('notifies the watchers of the changed key only, without arguments, if it can watch', async (key) => {
    const [one, other] = [await open(), await open()]
    if (!one.watch) return
    const calls: unknown[][] = []
    let callsOfOtherKey = 0
    const stop = one.watch(key, (...args: unknown[]) => calls.push(args))
    const stopOther = one.watch(`${key} of another`, () => callsOfOtherKey++)
    await other.compareAndSet(key, record(0, 'a'), 0)
    await eventually('a watcher is called after a change', async () => {
      // Some stores look for changes only when they are asked.
      one.isWatching?.(key)
      return calls[0]
    })
    stop()
    stop()
    stopOther()
    assertEqual(calls[0], [], 'arguments of the watcher')
    assertEqual(callsOfOtherKey, 0, 'calls for a key that was not written')
  })

  test('says whether it has notified its watchers of every change, if it can tell', async (key) => {
    const [one, other] = [await open(), await open()]
    if (!one.isWatching || !one.watch) return
    await other.compareAndSet(key, record(0, 'a'), 0)
    let calls = 0
    const stop = one.watch(key, () => calls++)
    await eventually('isWatching returns true', async () => one.isWatching?.(key) || undefined)
    await other.compareAndSet(key, record(0, 'b'), 1)
    await eventually('a watcher is called after a change', async () => {
      one.isWatching?.(key)
      return calls || undefined
    })
    stop()
  })

  test('lists the keys that have a record, if it can list', async (key) => {
    const [one, other] = [await open(), await open()]
    if (!one.list) return
    // More keys than a store reads at a time, among them keys that need an escape.
    const numbered = Array.from({ length: 1200 }, (_, number) => `${key} ${number}`)
    const written = [...numbered, key, `${key}:%{}*'字`, `${key}\ud800`, `${key}\udc00`, `${key}\0a\0b`]
    await Promise.all(written.map((each) => other.compareAndSet(each, record(0, 'a'), 0)))
    await other.lease(`${key} with a lease only`, 'one', 60_000)
    const listed = new Set<string>()
    for await (const each of one.list()) if (each.startsWith(key)) listed.add(each)
    assertEqual([...listed].sort(), written.sort(), 'listed keys')
  })

  return tests
}
