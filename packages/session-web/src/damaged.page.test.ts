import { browserIsMissing } from 'shared/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  damage,
  lease,
  openWithStoppedClock,
  startTabs,
  type Tab,
  type Tabs,
  withoutIndexedDB,
  withoutLocks,
  write,
} from './tabs.test-helper.ts'

const message =
  'web storage "pds-sessions": the stored session is damaged: sign in again and pass the token to setToken'
const valid = { rev: 3, epoch: 2, data: 'state' }

/** Reads the record, and returns its error as a text. */
const read = (tab: Tab) =>
  tab.evaluate(async () => {
    const { error, ...record } = (await store.read('key')) ?? { rev: 0 }
    return { ...record, error: error?.message }
  })

describe.skipIf(browserIsMissing).concurrent(`damaged rows ${browserIsMissing || ''}`, () => {
  let tabs: Tabs
  beforeAll(async () => {
    tabs = await startTabs()
  })
  afterAll(() => tabs?.close())

  const open = async (scripts: readonly string[] = []) => (await openWithStoppedClock(tabs, 1, scripts))[0]

  // Scripts, because some of these values do not survive the way to the tab.
  const records = [
    ['null', 'null', -1, 0],
    ['a text', '"{\\"rev\\": 3"', -1, 0],
    ['a number', '5', -1, 0],
    ['a list', '[3, 2, "state"]', -1, 0],
    ['an empty object', '{}', -1, 0],
    ['a record without a revision', '{ epoch: 2, data: "state" }', -1, 2],
    ['a revision of 0', '{ rev: 0, epoch: 2, data: "state" }', -1, 2],
    ['a fractional revision', '{ rev: 1.5, epoch: 2, data: "state" }', -1, 2],
    ['a revision that cannot be counted up', '{ rev: 2 ** 53, epoch: 2, data: "state" }', -1, 2],
    ['a revision of the wrong type', '{ rev: "3", epoch: 2, data: "state" }', -1, 2],
    ['a negative epoch', '{ rev: 3, epoch: -1, data: "state" }', 3, 0],
    ['an epoch of the wrong type', '{ rev: 3, epoch: null, data: "state" }', 3, 0],
    ['missing data', '{ rev: 3, epoch: 2 }', 3, 2],
    ['data of the wrong type', '{ rev: 3, epoch: 2, data: { access_token: "secret" } }', 3, 2],
  ] as const
  const structured = [
    ['a revision that is NaN', '{ rev: NaN, epoch: 2, data: "state" }', -1, 2],
    ['BigInts', '{ rev: 3n, epoch: 2n, data: "state" }', -1, 0],
    ['a date', 'new Date(0)', -1, 0],
    ['a map', 'new Map([["rev", 3]])', -1, 0],
    ['bytes as data', '{ rev: 3, epoch: 2, data: new Uint8Array(5) }', 3, 2],
  ] as const

  it.each([
    ['IndexedDB', [], [...records, ...structured]],
    ['localStorage', [withoutIndexedDB], records],
  ] as const)(
    'are returned as damaged records by read and lease, and replaced: %s',
    async (_backend, scripts, cases) => {
      const tab = await open(scripts)
      await write(tab, 0)
      for (const [name, row, rev, epoch] of cases) {
        await damage(tab, 'record', row)
        expect({ name, ...(await read(tab)) }).toEqual({ name, rev, epoch, data: '', error: message })
        const leased = await tab.evaluate(async () => {
          const { fence = 0, record } = (await store.lease('key', 'me', 60_000)) ?? {}
          await store.release('key', 'me', fence)
          return { rev: record?.rev, error: record?.error?.message }
        })
        expect({ name, ...leased }).toEqual({ name, rev, error: message })
        for (const wrong of [0, 1, 2, -1].filter((wrong) => wrong !== rev)) {
          expect(await write(tab, wrong)).toBe(false)
        }
        expect(await write(tab, rev)).toBe(true)
        expect(await read(tab)).toMatchObject({ rev: rev === -1 ? 1 : 4, error: undefined })
      }
    },
  )

  it('count as no record if the record is undefined', async () => {
    const tab = await open()
    await damage(tab, 'record', 'undefined')
    expect(await read(tab)).toEqual({ rev: 0 })
    expect(await write(tab, 0)).toBe(true)
  })

  it('that the browser cannot read are replaced', async () => {
    const tab = await open([
      // Chromium fails like this if the file of a large value is missing.
      `const { get } = IDBObjectStore.prototype
      globalThis.isReadable = true
      IDBObjectStore.prototype.get = function (key) {
        const request = get.call(this, key)
        if (isReadable) return request
        const error = new DOMException('', 'NotReadableError')
        Object.defineProperty(request, 'error', { value: error })
        request.addEventListener('success', (event) => {
          event.stopImmediatePropagation()
          const failure = new Event('error', { cancelable: true })
          request.onerror(failure)
          if (!failure.defaultPrevented) this.transaction.abort()
        })
        return request
      }`,
    ])
    await write(tab, 0)
    expect(await lease(tab, 'me')).toBe(1)
    await tab.evaluate('isReadable = false')
    expect(await read(tab)).toEqual({ rev: -1, epoch: 0, data: '', error: message })
    expect(await write(tab, -1)).toBe(true)
    expect(await lease(tab, 'other')).toBe(1)
    await tab.evaluate('isReadable = true')
    // The lease has not repaired the record.
    expect(await read(tab)).toEqual({ rev: -1, epoch: 0, data: '', error: message })
    expect(await write(tab, -1)).toBe(true)
    expect(await read(tab)).toMatchObject({ rev: 1, error: undefined })
  })

  it.each([
    ['truncated', '{"writes":3,"record":{"rev":3,"epoch":2,"da'],
    ['only its padding', '     '],
    ['no JSON', 'undefined'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"text"'],
    ['a number', '7'],
    ['an empty object', '{}'],
    ['an item with a number of writes of the wrong type', '{"writes":"3"}'],
    ['an item with too many writes', '{"writes":1e999}'],
  ])('an item of localStorage that is %s is a damaged record, and replaced', async (_case, text) => {
    const tab = await open([withoutIndexedDB])
    await write(tab, 0)
    await tab.evaluate((text) => localStorage.setItem('["pds-sessions","key"]', text), text)
    expect(await read(tab)).toEqual({ rev: -1, epoch: 0, data: '', error: message })
    expect(await lease(tab, 'me')).toBe(1)
    // The lease has not repaired the record.
    expect(await read(tab)).toMatchObject({ rev: -1 })
    expect(await write(tab, -1)).toBe(true)
    expect(await read(tab)).toMatchObject({ rev: 1, error: undefined })
    const other = await tabs.open(tab.context(), [withoutIndexedDB])
    expect(await read(other)).toMatchObject({ rev: 1, error: undefined })
  })

  it('an item of localStorage without a record has no record, and keeps the next one', async () => {
    const tab = await open([withoutIndexedDB])
    await tab.evaluate(() => localStorage.setItem('["pds-sessions","key"]', '{"writes":3}'))
    expect(await read(tab)).toEqual({ rev: 0 })
    expect(await write(tab, 0)).toBe(true)
    expect(await read(tab)).toMatchObject({ rev: 1, error: undefined })
  })

  // The clock of the stores is 1,000,000. Without Web Locks, because the holder of the lock takes over most leases.
  const held = { owner: 'other', fence: 7, taken: 1_000_000, ttl: 60_000, isLocked: false }
  const leases = [
    ['null', 'null', 1],
    ['a text', '"owner"', 1],
    ['a list', '["other", 7]', 1],
    ['an owner of the wrong type', { ...held, owner: 5 }, 8],
    ['an owner that is null', { ...held, owner: null }, 8],
    ['no fencing token', { ...held, fence: undefined }, 1],
    ['a fencing token of the wrong type', { ...held, fence: '7' }, 1],
    ['a time of the wrong type', { ...held, taken: '1000000' }, 8],
    ['no time', { ...held, taken: undefined }, 8],
    ['no duration', { ...held, ttl: undefined }, 8],
    ['a duration of the wrong type', { ...held, ttl: '60000' }, 8],
    ['a clock that was an hour ahead', { ...held, taken: 1_000_000 + 3_600_000 }, 8],
    ['a clock that was 1.001 seconds ahead', { ...held, taken: 1_001_001 }, 8],
    ['a negative duration', { ...held, ttl: -1 }, 8],
  ] as const
  const structuredLeases = [
    ['a duration that is NaN', '{ ...held, ttl: NaN }', 8],
    ['an infinite duration', '{ ...held, ttl: Infinity }', 8],
    ['a time that is NaN', '{ ...held, taken: NaN }', 8],
    ['an infinite time', '{ ...held, taken: -Infinity, ttl: Infinity }', 8],
    ['BigInts', '{ ...held, taken: 1000000n, ttl: 60000n }', 8],
    ['a fencing token that is NaN', '{ ...held, fence: NaN }', 1],
  ] as const

  it.each([
    ['IndexedDB', [withoutLocks], [...leases, ...structuredLeases]],
    ['localStorage', [withoutIndexedDB], leases],
  ] as const)(
    'of leases, and leases of wrong clocks, count as free: %s',
    async (_backend, scripts, cases) => {
      const tab = await open(scripts)
      await write(tab, 0)
      const toScript = (row: string | object) =>
        typeof row === 'string'
          ? row.replace('...held', JSON.stringify(held).slice(1, -1))
          : JSON.stringify(row)
      for (const [name, row, fence] of cases) {
        await damage(tab, 'lease', toScript(held))
        expect(await lease(tab, 'me')).toBeUndefined()
        await damage(tab, 'lease', toScript(row))
        expect({ name, fence: await lease(tab, 'me') }).toEqual({ name, fence })
      }
      await damage(tab, 'lease', toScript({ ...held, taken: 1_001_000 }))
      expect(await lease(tab, 'me')).toBeUndefined()
      await damage(tab, 'lease', 'null')
      await tab.evaluate(() => store.release('key', 'me', 8))
      expect(
        await tab.evaluate(() =>
          store.compareAndSet('key', { epoch: 0, data: '' }, 1, { owner: 'me', fence: 8 }),
        ),
      ).toBe(true)
    },
  )

  it('do not affect other keys', async () => {
    const tab = await open()
    await damage(tab, 'record', JSON.stringify(valid))
    await tab.evaluate(() => store.compareAndSet('another key', { epoch: 0, data: 'other' }, 0))
    await damage(tab, 'record', 'null')
    expect(await tab.evaluate(() => store.read('another key'))).toEqual({ epoch: 0, data: 'other', rev: 1 })
  })
})
