import { inspect } from 'node:util'
import { encryptedStore, memoryStore, type StoredRecord, type StoreScope } from '@pds/session'
import { storeTests } from '@pds/session/testing'
import { describe, expect, it } from 'vitest'

const keyOf = (seed: number) => new Uint8Array(32).map((_byte, index) => seed + index)
const record = { epoch: 3, data: 'the tokens' }

describe('encryptedStore fulfils the Store contract', () => {
  const store = memoryStore()
  it.each(storeTests(() => encryptedStore(store, keyOf(1))))('$name', ({ run }) => run())
})

describe('encryptedStore', () => {
  it('hides the data, and encrypts it differently each time', async () => {
    const store = memoryStore()
    const encrypted = encryptedStore(store, keyOf(1))
    await encrypted.compareAndSet('a', record, 0)
    await encrypted.compareAndSet('b', record, 0)
    const stored = [await store.read('a'), await store.read('b')]
    for (const each of stored) {
      expect(each).toMatchObject({ epoch: 3, rev: 1 })
      expect(each?.data).not.toContain('tokens')
      expect(Buffer.from(each?.data ?? '', 'base64').toString('latin1')).not.toContain('tokens')
    }
    expect(stored[0]?.data).not.toBe(stored[1]?.data)
  })

  it('decrypts with each of its keys, and encrypts with the first', async () => {
    const store = memoryStore()
    await encryptedStore(store, keyOf(1)).compareAndSet('a', record, 0)
    const both = encryptedStore(store, [keyOf(2), keyOf(1)])
    expect(await both.read('a')).toEqual({ ...record, rev: 1 })
    await both.compareAndSet('a', record, 1)
    expect(await encryptedStore(store, keyOf(2)).read('a')).toEqual({ ...record, rev: 2 })
    expect(await encryptedStore(store, keyOf(1)).read('a')).toMatchObject({
      rev: 2,
      data: '',
      error: { code: 'DecryptionFailed' },
    })
  })

  it('accepts a CryptoKey that is not extractable', async () => {
    const store = memoryStore()
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ])
    await encryptedStore(store, key).compareAndSet('a', record, 0)
    expect(await encryptedStore(store, key).read('a')).toEqual({ ...record, rev: 1 })
  })

  it('copies the bytes of its key', async () => {
    const key = keyOf(1)
    const store = memoryStore()
    const encrypted = encryptedStore(store, key)
    key.fill(0)
    await encrypted.compareAndSet('a', record, 0)
    expect(await encryptedStore(store, keyOf(1)).read('a')).toEqual({ ...record, rev: 1 })
  })

  it.each([
    ['of another session', ({ data }: StoredRecord) => ['b', 3, data]],
    ['of another epoch', ({ data }: StoredRecord) => ['a', 4, data]],
    ['that was changed', ({ data }: StoredRecord) => ['a', 3, `${data.slice(0, -6)}AAAA==`]],
    ['that was cut', ({ data }: StoredRecord) => ['a', 3, data.slice(0, 20)]],
    ['without encryption', () => ['a', 3, '{"format":1,"status":"ok"}']],
    ['with empty data', () => ['a', 3, '']],
  ] as [string, (stored: StoredRecord) => [string, number, string]][])(
    'returns a record %s with an error',
    async (_what, change) => {
      const store = memoryStore()
      await encryptedStore(store, keyOf(1)).compareAndSet('a', record, 0)
      const [key, epoch, data] = change((await store.read('a')) as StoredRecord)
      const changed = memoryStore()
      await changed.compareAndSet(key, { epoch, data }, 0)
      const error = { name: 'PDSError', code: 'DecryptionFailed', outcome: 'not-sent' }
      expect(await encryptedStore(changed, keyOf(1)).read(key)).toMatchObject({ rev: 1, data: '', error })
    },
  )

  it.each([
    { key: [] },
    { key: undefined },
    { key: 'secret of 32 characters, as a text' },
    { key: new Uint8Array(16) },
    { key: new Uint8Array(33) },
    { key: { length: 32 } },
  ])('rejects $key as a key, without printing it', ({ key }) => {
    const create = () => encryptedStore(memoryStore(), key as never)
    expect(create).toThrow(/^encryptedStore: (a key must be|at least one key)/)
    try {
      create()
    } catch (error) {
      expect(inspect(error, { depth: 9 })).not.toContain('32 characters')
    }
  })

  it('rejects a CryptoKey of another algorithm, length or usage', async () => {
    const keys = [
      await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt', 'decrypt']),
      await crypto.subtle.generateKey({ name: 'AES-CBC', length: 256 }, true, ['encrypt', 'decrypt']),
      await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['decrypt']),
    ]
    for (const key of keys)
      expect(() => encryptedStore(memoryStore(), key)).toThrow('encryptedStore: a key must be')
  })

  it('has the scope of the wrapped store, even after a change', () => {
    const store = { ...memoryStore(), scope: 'origin' as StoreScope }
    const encrypted = encryptedStore(store, keyOf(1))
    expect(encrypted.scope).toBe('origin')
    store.scope = 'process'
    expect(encrypted.scope).toBe('process')
  })

  it('watches if the wrapped store does', async () => {
    const store = memoryStore()
    const changed = new Promise<void>((resolve) => encryptedStore(store, keyOf(1)).watch?.('a', resolve))
    await store.compareAndSet('a', record, 0)
    await changed
    const { watch: _watch, ...withoutWatch } = memoryStore()
    expect(encryptedStore(withoutWatch, keyOf(1)).watch).toBeUndefined()
  })
})
