import { encryptedStore } from '@pds/session'
import { webStore, webStoreKey } from '@pds/session-web'
import { afterEach, describe, expect, it, vi } from 'vitest'

describe('options', () => {
  it.each([
    [{ name: '' }, 'name must be a non-empty string, got an empty string'],
    [{ name: 5 }, 'name must be a non-empty string, got 5'],
    [{ clock: 5 }, 'clock must be a function, got 5'],
    [{ key: 'k' }, 'key is not an option here: there are name, clock'],
    ['sessions', 'the options must be a plain object'],
  ])('%j is refused', (options, message) => {
    const refusal = expect.objectContaining({ code: 'InvalidParameter', outcome: 'not-sent' })
    expect(() => webStore(options as never)).toThrow(refusal)
    expect(() => webStore(options as never)).toThrow(message)
  })

  it.each([
    [{ name: '' }, 'name must be a non-empty string'],
    [{ clock: Date.now }, 'clock is not an option here: there are name'],
  ])('%j is refused for a key', async (options, message) => {
    await expect(webStoreKey(options as never)).rejects.toMatchObject({
      code: 'InvalidParameter',
      message: expect.stringContaining(message),
    })
  })
})

describe('where there is no browser', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('nothing is kept in what a server has of one: all whom it serves would share it', async () => {
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
    await store.compareAndSet('key', { epoch: 0, data: 'of one request' }, 0)
    await store.lease('key', 'me', 60_000)
    expect(await webStore().read('key')).toBeUndefined()
    expect(touched).toEqual([])
  })

  it('each store has a memory of its own, and says so', async () => {
    const [one, other] = [webStore(), webStore()]
    expect(one.scope).toBe('process')
    expect(await one.compareAndSet('key', { epoch: 0, data: 'of one request' }, 0)).toBe(true)
    expect(await one.read('key')).toEqual({ epoch: 0, data: 'of one request', rev: 1 })
    expect(await other.read('key')).toBeUndefined()
    expect(await one.lease('key', 'me', 60_000)).toBe(1)
    expect(await one.lease('key', 'you', 60_000)).toBeUndefined()
    expect(await other.lease('key', 'you', 60_000)).toBe(1)
  })

  it('a lease of it ends by the clock', async () => {
    let now = 1000
    const store = webStore({ clock: () => now })
    await store.lease('key', 'me', 100)
    now = 1099
    expect(await store.lease('key', 'you', 100)).toBeUndefined()
    now = 1100
    expect(await store.lease('key', 'you', 100)).toBe(2)
  })

  it('it is watched, without a channel that other stores would hear', async () => {
    const [one, other] = [webStore(), webStore()]
    let told = 0
    other.watch?.('key', () => told++)
    const changed = new Promise<void>((resolve) => one.watch?.('key', resolve))
    await one.compareAndSet('key', { epoch: 0, data: '' }, 0)
    await changed
    expect(told).toBe(0)
  })

  it('a watch that has ended twice ends no other one', async () => {
    const store = webStore()
    const end = store.watch?.('key', () => undefined)
    end?.()
    const changed = new Promise<void>((resolve) => store.watch?.('key', resolve))
    end?.()
    await store.compareAndSet('key', { epoch: 0, data: '' }, 0)
    await changed
  })

  it('it can be encrypted', async () => {
    const store = webStore()
    const sealed = encryptedStore(store, await webStoreKey())
    await sealed.compareAndSet('key', { epoch: 0, data: 'secret' }, 0)
    expect(await sealed.read('key')).toMatchObject({ data: 'secret' })
    expect((await store.read('key'))?.data).toMatch(/^v1\./)
  })

  it('it can be closed', async () => {
    const store = webStore()
    store.close()
    const refusal = { code: 'InvalidParameter', message: 'the store is closed' }
    await expect(store.read('key')).rejects.toMatchObject(refusal)
    await expect(store.lease('key', 'me', 1)).rejects.toMatchObject(refusal)
  })
})
