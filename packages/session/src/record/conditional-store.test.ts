import { inspect } from 'node:util'
import { type ConditionalStoreOptions, conditionalStore } from '@pds/session'
import { storeTests } from '@pds/session/testing'
import { describe, expect, it } from 'vitest'
import { memoryDatabase } from './memory-database.test-helper.ts'

const record = (data: string, epoch = 0) => ({ epoch, data })

describe('conditionalStore fulfils the Store contract', () => {
  const { get, put, delete: remove, list, watch } = memoryDatabase()
  const full = { get, put, delete: remove, list, watch }
  it.each(storeTests(() => conditionalStore(full)))('with all options: $name', ({ run }) => run())

  const { open } = memoryDatabase()
  it.each(storeTests(() => open({ clockTolerance: 0 })))('with get and put only: $name', ({ run }) => run())

  const keysOnly = memoryDatabase()
  const listKeys = async function* () {
    for (const key of [...keysOnly.entries.keys()]) yield { key }
  }
  const listed = storeTests(() => keysOnly.open({ list: listKeys })).filter(({ name }) => /list/.test(name))
  it.each(listed)('with a list of keys without values: $name', ({ run }) => run())
})

describe('a value of the database', () => {
  it('is a JSON text with the record and the lease', async () => {
    const { open, entries } = memoryDatabase()
    const store = open({ clock: () => 5000 })
    await store.compareAndSet('ann#1', record('text', 7), 0)
    await store.lease('ann#1', 'one', 100)
    expect([...entries.keys()]).toEqual(['ann=231'])
    expect(JSON.parse(entries.get('ann=231')?.value ?? '')).toEqual({
      format: 1,
      rev: 1,
      epoch: 7,
      data: 'text',
      write: expect.any(String),
      fence: 5000,
      lease: { owner: 'one', until: 5100, ttl: 100, write: expect.any(String) },
    })
  })

  it('takes one get and one put for each write', async () => {
    const { open, calls } = memoryDatabase()
    const store = open()
    const { fence = 0 } = (await store.lease('key', 'one', 60_000)) ?? {}
    await store.compareAndSet('key', record('a'), 0)
    await store.compareAndSet('key', record('b'), 1, { owner: 'one', fence })
    expect(calls).toEqual(['get key', 'put key', 'get key', 'put key', 'get key', 'put key'])
    calls.length = 0
    // A write that cannot succeed and the release of a lease that has ended write nothing.
    await store.compareAndSet('key', record('c'), 1)
    await store.release('key', 'one', fence)
    expect(calls).toEqual(['get key', 'get key'])
  })
})

describe('conditionalStore', () => {
  const { get, put } = memoryDatabase()

  it('rejects missing, unknown and invalid options', () => {
    const open = (options: object) => () => conditionalStore(options as ConditionalStoreOptions)
    expect(open({ put })).toThrow('conditionalStore: get is required: a function')
    expect(open({ get })).toThrow('conditionalStore: put is required: a function')
    expect(open({ get, put, tolerance: 1 })).toThrow('conditionalStore: tolerance is not supported')
    expect(open({ get, put: 'put' })).toThrow('conditionalStore: put must be a function')
    expect(open({ get, put, scope: 'world' })).toThrow("conditionalStore: scope must be 'process'")
    for (const clockTolerance of [-1, Number.NaN, Number.POSITIVE_INFINITY, '1'])
      expect(open({ get, put, clockTolerance })).toThrow('clockTolerance must be a non-negative number')
  })

  it('has the scope cluster or the given one, and only the methods that the database allows', () => {
    expect(conditionalStore({ get, put }).scope).toBe('cluster')
    const store = conditionalStore({ get, put, scope: 'machine' })
    expect(Object.keys(store).sort()).toEqual(['compareAndSet', 'lease', 'read', 'release', 'scope'])
    expect(store.scope).toBe('machine')
  })

  it('lists no keys that it cannot have written', async () => {
    const { open, entries, list } = memoryDatabase()
    const store = open({ list })
    await store.compareAndSet('ann#1', record('a'), 0)
    for (const name of ['another application', '=zz', '']) entries.set(name, { value: '{}', version: -1 })
    const listed = []
    for await (const key of store.list?.() ?? []) listed.push(key)
    expect(listed).toEqual(['ann#1'])
  })

  it('reports a get without a version, and a put that returns no boolean', async () => {
    const { open } = memoryDatabase()
    const noVersion = open({ get: async () => ({ value: '{}' }) as never })
    await expect(noVersion.read('key')).rejects.toThrow('get returned a value without a version')
    const noResult = open({ put: async () => undefined as never })
    await expect(noResult.compareAndSet('key', record('a'), 0)).rejects.toThrow(
      'put must return true or false',
    )
  })

  it('treats null as a missing key', async () => {
    const { open } = memoryDatabase()
    expect(await open({ get: async () => null as never }).read('key')).toBeUndefined()
  })

  it('rejects with errors that contain no data of a session', async () => {
    const data = JSON.stringify({ token: `canary ${'x'.repeat(50)}` })
    const { open, get } = memoryDatabase()
    const error = await open({
      put: async (_key, value) => {
        throw Object.assign(new RangeError(`too large: ${value}`), { request: { value } })
      },
    })
      .compareAndSet('key', record(data), 0)
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'RangeError' })
    const shown = inspect(error, { depth: 20, showHidden: true, maxStringLength: null })
    expect(shown + (error as Error).stack).not.toContain('canary')

    const failing = open({
      get,
      list: async function* () {
        yield { key: 'a' }
        throw Object.assign(new Error('denied'), { response: 'canary' })
      },
    })
    const listing = (async () => {
      for await (const _ of failing.list?.() ?? []);
    })()
    const listError = await listing.catch((reason: unknown) => reason)
    expect(inspect(listError, { depth: 20 })).toContain('denied')
    expect(inspect(listError, { depth: 20 })).not.toContain('canary')
  })
})
