import { encryptedStore } from '@pds/session'
import { webStore, webStoreKey } from '@pds/session-web'
import { afterEach, describe, expect, it, vi } from 'vitest'

describe('options', () => {
  it.each([
    [{ name: '' }, 'name must be a non-empty string (received an empty string)'],
    [{ name: 5 }, 'name must be a non-empty string (received a number)'],
    [{ clock: 5 }, 'clock must be a function (received 5)'],
    [{ key: 'k' }, 'key is not supported: the names are name, clock'],
    ['sessions', 'options must be a plain object'],
  ])('%j are rejected', (options, message) => {
    const expected = expect.objectContaining({ code: 'InvalidParameter', outcome: 'not-sent' })
    expect(() => webStore(options as never)).toThrow(expected)
    expect(() => webStore(options as never)).toThrow(message)
  })

  it.each([
    [{ name: '' }, 'name must be a non-empty string'],
    [{ clock: Date.now }, 'clock is not supported: the names are name'],
  ])('%j are rejected by webStoreKey', async (options, message) => {
    await expect(webStoreKey(options as never)).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: expect.stringContaining(message),
    })
  })
})

describe('a store without a browser', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('does not use storage of a server runtime, which all of its users would share', async () => {
    const touched: string[] = []
    const trap = (name: string) =>
      new Proxy(
        {},
        {
          get(_target, property) {
            touched.push(`${name}.${String(property)}`)
            return () => null
          },
        },
      )
    vi.stubGlobal('localStorage', trap('localStorage'))
    vi.stubGlobal('navigator', { locks: trap('locks') })
    const store = webStore()
    expect(store.scope).toBe('process')
    await store.compareAndSet('key', { epoch: 0, data: 'data of one request' }, 0)
    await store.lease('key', 'me', 60_000)
    expect(await webStore().read('key')).toBeUndefined()
    expect(touched).toEqual([])
  })

  it('keeps its records in separate memory and has the scope process', async () => {
    const [one, other] = [webStore(), webStore()]
    expect(one.scope).toBe('process')
    expect(await one.compareAndSet('key', { epoch: 0, data: 'data of one request' }, 0)).toBe(true)
    expect(await one.read('key')).toEqual({ epoch: 0, data: 'data of one request', rev: 1 })
    expect(await other.read('key')).toBeUndefined()
    expect((await one.lease('key', 'me', 60_000))?.fence).toBe(1)
    expect(await one.lease('key', 'you', 60_000)).toBeUndefined()
    expect((await other.lease('key', 'you', 60_000))?.fence).toBe(1)
  })

  it('releases a lease with the write of its holder', async () => {
    const store = webStore()
    const { fence = 0, record } = (await store.lease('key', 'me', 60_000)) ?? {}
    expect(record).toBeUndefined()
    const holder = { owner: 'me', fence }
    expect(await store.compareAndSet('key', { epoch: 0, data: 'a' }, 1, holder)).toBe(false)
    expect(await store.lease('key', 'you', 60_000)).toBeUndefined()
    expect(await store.compareAndSet('key', { epoch: 0, data: 'a' }, 0, holder)).toBe(true)
    expect(await store.lease('key', 'you', 60_000)).toEqual({
      fence: 2,
      record: { epoch: 0, data: 'a', rev: 1 },
    })
  })

  it('knows of every change, and of no owner that is gone', async () => {
    // Node.js has Web Locks, but this store belongs to one process.
    const store = webStore()
    await store.lease('key', 'me', 60_000)
    expect(store.isWatching?.('key')).toBe(true)
    expect(await store.isOwnerGone?.('you')).toBe(false)
    store.close()
    expect(store.isWatching?.('key')).toBe(false)
    await expect(store.isOwnerGone?.('you')).rejects.toMatchObject({ code: 'InvalidParameter' })
  })

  it('times leases by its clock', async () => {
    let now = 1000
    const store = webStore({ clock: () => now })
    await store.lease('key', 'me', 100)
    now = 1099
    expect(await store.lease('key', 'you', 100)).toBeUndefined()
    now = 1100
    expect((await store.lease('key', 'you', 100))?.fence).toBe(2)
  })

  it('notifies its own watchers only', async () => {
    const [one, other] = [webStore(), webStore()]
    let calls = 0
    other.watch?.('key', () => calls++)
    const changed = new Promise<void>((resolve) => one.watch?.('key', resolve))
    await one.compareAndSet('key', { epoch: 0, data: '' }, 0)
    await changed
    expect(calls).toBe(0)
  })

  it('removes only its own watcher when unwatch is called twice', async () => {
    const store = webStore()
    const unwatch = store.watch?.('key', () => undefined)
    unwatch?.()
    const changed = new Promise<void>((resolve) => store.watch?.('key', resolve))
    unwatch?.()
    await store.compareAndSet('key', { epoch: 0, data: '' }, 0)
    await changed
  })

  it('can be encrypted', async () => {
    const store = webStore()
    const encrypted = encryptedStore(store, await webStoreKey())
    await encrypted.compareAndSet('key', { epoch: 0, data: 'secret' }, 0)
    expect(await encrypted.read('key')).toMatchObject({ data: 'secret' })
    expect((await store.read('key'))?.data).toMatch(/^v1\./)
  })

  it('rejects calls after it was closed', async () => {
    const store = webStore()
    store.close()
    const expected = { code: 'InvalidParameter', message: 'the store is closed' }
    await expect(store.read('key')).rejects.toMatchObject(expected)
    await expect(store.lease('key', 'me', 1)).rejects.toMatchObject(expected)
  })
})
