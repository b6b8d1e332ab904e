import { describe, expect, it } from 'vitest'
import { memoryDatabase } from './memory-database.test-helper.ts'

const record = (data: string, epoch = 0) => ({ epoch, data })

describe('a damaged value', () => {
  const key = 'key'
  const canary = 'canary'
  const valid = { format: 1, rev: 3, epoch: 7, data: canary, fence: 5 }
  const damaged: Record<string, [unknown, string, number?]> = {
    'an empty text': ['', 'no JSON'],
    'text that is no JSON': [`${canary}{`, 'no JSON'],
    'truncated JSON': [JSON.stringify(valid).slice(0, -9), 'no JSON'],
    'JSON that is no object': [`"${canary}"`, 'another format'],
    null: ['null', 'another format'],
    'no format': [JSON.stringify({ ...valid, format: undefined }), 'another format'],
    'a newer format': [JSON.stringify({ ...valid, format: 2 }), 'another format'],
    'no revision': [JSON.stringify({ ...valid, rev: undefined }), 'missing or invalid: rev', 7],
    'text as the revision': [JSON.stringify({ ...valid, rev: '3' }), 'missing or invalid: rev', 7],
    'a negative revision': [JSON.stringify({ ...valid, rev: -1 }), 'missing or invalid: rev', 7],
    'a revision of 2 ** 53': [JSON.stringify({ ...valid, rev: 2 ** 53 }), 'missing or invalid: rev', 7],
    'a fractional epoch': [JSON.stringify({ ...valid, epoch: 0.5 }), 'missing or invalid: epoch'],
    'no epoch and no data': [JSON.stringify({ format: 1, rev: 3 }), 'missing or invalid: epoch, data'],
    'an object as the data': [JSON.stringify({ ...valid, data: {} }), 'missing or invalid: data', 7],
    'bytes instead of text': [new Uint8Array([123, 125]), 'a value of type object instead of text'],
    'no value': [undefined, 'a value of type undefined instead of text'],
  }

  it.each(Object.entries(damaged))('%s is returned and replaced', async (_case, [value, flaw, epoch = 0]) => {
    const { open, entries, list } = memoryDatabase()
    const store = open({ list })
    entries.set(key, { value: value as string, version: -1 })
    const found = await store.read(key)
    expect(found).toEqual({ rev: -1, epoch, data: '', error: expect.any(Error) })
    expect(found?.error?.message).toBe(
      `the stored session is damaged (${flaw}): setToken and signOut replace it. Use keys of the database that only this store writes`,
    )
    const listed = []
    for await (const each of store.list?.() ?? []) listed.push(each)
    expect(listed).toEqual([key])

    for (const wrong of [0, 1, 3]) expect(await store.compareAndSet(key, record('new'), wrong)).toBe(false)
    expect(entries.get(key)?.value).toBe(value)
    // A lease leaves the record damaged, and keeps the text.
    const lease = await store.lease(key, 'one', 60_000)
    expect(lease?.record).toMatchObject({ rev: -1, epoch, data: '', error: expect.any(Error) })
    expect(await store.lease(key, 'other', 60_000)).toBeUndefined()
    await store.release(key, 'one', lease?.fence ?? 0)
    const again = await store.lease(key, 'other', 60_000)
    expect(again?.fence).toBeGreaterThan(lease?.fence ?? 0)
    const text = typeof value === 'string' ? value : ''
    expect(JSON.parse(entries.get(key)?.value ?? '')).toMatchObject({ rev: -1, damaged: text })
    expect(await store.read(key)).toMatchObject({ rev: -1, epoch, data: '', error: expect.any(Error) })

    const holder = { owner: 'other', fence: again?.fence ?? 0 }
    expect(await store.compareAndSet(key, record('new', 8), -1, holder)).toBe(true)
    expect(await store.read(key)).toEqual({ ...record('new', 8), rev: 1 })
    expect(entries.get(key)?.value).not.toContain('damaged')
    expect(await store.lease(key, 'one', 60_000)).toBeDefined()
  })

  it.each<[string, object]>([
    ['no lease object', { lease: 'one' }],
    ['a lease without an owner', { lease: { until: 9e15, ttl: 9e15, write: 'w' } }],
    ['a lease with a text as its end', { lease: { owner: 'one', until: '9e15', ttl: 9e15, write: 'w' } }],
    ['a lease without a duration', { lease: { owner: 'one', until: Date.now() + 20_000, write: 'w' } }],
    ['a fencing token that is no integer', { fence: '7' }],
    ['a fencing token above 2 ** 53', { fence: 2 ** 60 }],
    ['the highest fencing token', { fence: Number.MAX_SAFE_INTEGER }],
  ])('with %s has its record and no lease', async (_case, fields) => {
    const { open, entries } = memoryDatabase()
    entries.set(key, { value: JSON.stringify({ ...valid, ...fields }), version: -1 })
    const lease = await open().lease(key, 'other', 60_000)
    expect(lease?.record).toEqual({ rev: 3, epoch: 7, data: canary })
    expect(lease?.fence).toSatisfy(Number.isSafeInteger)
    expect(await open().lease(key, 'one', 60_000)).toBeUndefined()
  })

  it('counts revisions from 1 again after the highest one', async () => {
    const { open, entries } = memoryDatabase()
    const highest = { ...valid, rev: Number.MAX_SAFE_INTEGER }
    entries.set(key, { value: JSON.stringify(highest), version: -1 })
    expect(await open().compareAndSet(key, record('a'), highest.rev)).toBe(true)
    expect(await open().read(key)).toEqual({ ...record('a'), rev: 1 })
  })
})
