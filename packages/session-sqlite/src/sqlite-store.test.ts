import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PDSError } from '@pds/core'
import { storeTests } from '@pds/session/testing'
import { type SqliteStore, sqliteStore } from '@pds/session-sqlite'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { failure, isOpenNowhere, openStore, temporaryFile } from './temporary.test-helper.ts'

describe('sqliteStore fulfils the Store contract', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-session-sqlite-'))
  const stores: SqliteStore[] = []
  afterAll(() => {
    for (const store of stores) store.close()
    rmSync(folder, { recursive: true })
  })
  const open = () => {
    const store = sqliteStore({ path: path.join(folder, 'sessions.db') })
    stores.push(store)
    return store
  }
  it.each(storeTests(open))('$name', ({ run }) => run())
})

describe('a record', () => {
  it('is still there after the file is reopened', async () => {
    const file = temporaryFile()
    const first = openStore(file)
    await first.compareAndSet('key', { epoch: 3, data: 'kept' }, 0)
    first.close()
    expect(await openStore(file).read('key')).toEqual({ epoch: 3, data: 'kept', rev: 1 })
  })

  it.each([
    ['a NUL', 'before\0after'],
    ['a byte order mark', '\uFEFFtext'],
    ['SQL', `'); DROP TABLE records; --`],
  ])('may contain %s in its data and key', async (_case, text) => {
    const store = openStore(temporaryFile())
    await store.compareAndSet(text, { epoch: 0, data: text }, 0)
    expect(await store.read(text)).toEqual({ epoch: 0, data: text, rev: 1 })
    expect(await store.read(text.slice(0, 3))).toBeUndefined()
  })

  it('does not change when a call has arguments that SQLite rejects', async () => {
    const store = openStore(temporaryFile())
    await store.compareAndSet('key', { epoch: 0, data: 'kept' }, 0)
    await expect(store.compareAndSet('key', { epoch: 0.5, data: 'lost' }, 1)).rejects.toThrow('SQLite')
    await expect(store.compareAndSet('key', { epoch: null as never, data: 'lost' }, 1)).rejects.toThrow(
      'SQLite',
    )
    await expect(store.compareAndSet('key', undefined as never, 1)).rejects.toThrow(TypeError)
    expect(await store.read('key')).toEqual({ epoch: 0, data: 'kept', rev: 1 })
  })
})

describe('options', () => {
  it.each([
    [{}, "path is required: the path of a file (for sessions in memory, use memoryStore of '@pds/session')"],
    [{ path: undefined }, 'path is required'],
    [{ path: '' }, 'path must be the path of a file'],
    [{ path: ':memory:' }, 'memoryStore'],
    [{ path: 'a\0b' }, 'path must be the path of a file'],
    [{ path: new URL('file:///a') }, 'path must be the path of a file'],
    [{ path: 'a', clock: 5 }, 'clock must be a function (received 5)'],
    [{ path: 'a', expireAfter: 604_800_000 }, 'expireAfter must be an integer from 2592000000 (30 days'],
    [{ path: 'a', expireAfter: Number.POSITIVE_INFINITY }, 'a sign-out must outlive every refresh token'],
    [{ path: 'a', mode: 0o644 }, 'mode is not supported: the names are path, clock, expireAfter'],
    ['sessions.db', 'options must be a plain object'],
  ])('%j are rejected', (options, message) => {
    const create = () => sqliteStore(options as never)
    expect(create).toThrow(PDSError)
    expect(create).toThrow(expect.objectContaining({ code: 'InvalidParameter', outcome: 'not-sent' }))
    expect(create).toThrow(message)
  })

  it('use a path literally, even if it looks like a URI', async () => {
    const file = temporaryFile()
    const folder = vi.spyOn(process, 'cwd').mockReturnValue(path.dirname(file))
    const store = openStore('file:sessions.db?mode=memory')
    folder.mockRestore()
    await store.compareAndSet('key', { epoch: 0, data: '' }, 0)
    expect(existsSync(path.join(path.dirname(file), 'file:sessions.db?mode=memory'))).toBe(true)
  })
})

describe('opening the file', () => {
  it('happens at the first call', async () => {
    const file = temporaryFile()
    const store = openStore(file)
    expect(existsSync(file)).toBe(false)
    await store.read('key')
    expect(existsSync(file)).toBe(true)
  })

  it('is retried by the next call after a failure', async () => {
    const file = temporaryFile()
    const store = openStore(path.join(file, 'sessions.db'))
    await failure(store.read('key'))
    mkdirSync(file)
    expect(await store.read('key')).toBeUndefined()
  })

  it('rejects without SQLite, and says what to do', async () => {
    const file = temporaryFile()
    const store = openStore(file)
    const none = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    const rejection = await failure(store.read('key')).finally(() => none.mockRestore())
    expect(rejection).toMatchObject({
      code: 'UnsupportedEnvironment',
      outcome: 'not-sent',
      message: expect.stringContaining('22.13'),
    })
    expect(existsSync(file)).toBe(false)
  })
})

describe('a closed store', () => {
  it('rejects every call', async () => {
    const store = openStore(temporaryFile())
    await store.compareAndSet('key', { epoch: 0, data: '' }, 0)
    store.close()
    store.close()
    const calls = [
      store.read('key'),
      store.compareAndSet('key', { epoch: 0, data: '' }, 1),
      store.lease('key', 'one', 1),
      store.release('key', 'one', 1),
    ]
    for (const error of await Promise.all(calls.map(failure))) {
      expect(error).toBeInstanceOf(PDSError)
      expect(error).toMatchObject({ code: 'InvalidParameter', message: 'the store is closed' })
    }
  })

  it('has closed its file and rejects calls that have not started', async () => {
    const file = temporaryFile()
    const store = openStore(file)
    const call = failure(store.compareAndSet('key', { epoch: 0, data: '' }, 0))
    store.close()
    expect((await call).message).toBe('the store is closed')
    expect(isOpenNowhere(file)).toBe(true)
    expect(existsSync(`${file}-wal`)).toBe(false)
  })

  it('does not create a file', async () => {
    const file = temporaryFile()
    const store = openStore(file)
    store.close()
    await failure(store.read('key'))
    expect(existsSync(file)).toBe(false)
  })
})
