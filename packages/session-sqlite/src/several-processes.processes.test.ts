import { once } from 'node:events'
import { renameSync, rmSync } from 'node:fs'
import type { SqliteStore } from '@pds/session-sqlite'
import { describe, expect, it } from 'vitest'
import { startProcess } from './start-process.test-helper.ts'
import { connect, temporaryFile } from './temporary.test-helper.ts'

const record = { epoch: 0, data: 'before' }
const stored = { ...record, rev: 1 }

/** Starts a process with a store. Returns a function that calls it, and its end. */
async function start(file: string) {
  const child = await startProcess('serve', file)
  const ended = once(child, 'exit')
  const call = async (method: keyof SqliteStore | 'changes' | 'leave', ...args: unknown[]) => {
    child.send([method, ...args])
    const [{ result, error }] = await once(child, 'message')
    if (error !== undefined) throw new Error(error)
    return result
  }
  return { call, ended }
}

it('finds the keys that another process has changed, and keeps no process alive', async () => {
  const file = temporaryFile()
  const [one, other] = await Promise.all([start(file), start(file)])
  const keys = ['key', 'a\0b', '\ud800', 'other']
  for (const key of keys) await one.call('watch', key)
  await expect.poll(() => one.call('isWatching', 'key')).toBe(true)
  for (const key of keys.slice(0, 3)) await other.call('compareAndSet', key, record, 0)
  const found: unknown[] = []
  await expect
    .poll(async () => {
      expect(await one.call('isWatching', 'key')).toBe(true)
      return found.push(...((await one.call('changes')) as unknown[]))
    })
    .toBe(3)
  expect(found).toEqual(keys.slice(0, 3))
  await one.call('leave')
  expect(await one.ended).toEqual([0, null])
})

describe.each([
  ['deleted', (file: string) => remove(file), undefined],
  ['replaced without a log', (file: string) => replace(file, true), { ...stored, data: 'copy' }],
  ['replaced', (file: string) => replace(file, false), { ...stored, data: 'copy' }],
  ['left without its log', (file: string) => remove(`${file}-wal`, `${file}-shm`), stored],
  ['left without -wal', (file: string) => remove(`${file}-wal`), stored],
  ['left without -shm', (file: string) => remove(`${file}-shm`), stored],
])('a database that is %s while two processes have it open', (name, change, found) => {
  const open = async () => {
    const file = temporaryFile()
    const [one, other] = await Promise.all([start(file), start(file)])
    expect(await one.call('compareAndSet', 'key', record, 0)).toBe(true)
    expect(await other.call('read', 'key')).toEqual(stored)
    return { file, one, other }
  }

  it('is opened anew by both', async () => {
    const { file, one, other } = await open()
    change(file)
    expect(await other.call('read', 'key')).toEqual(found)
    const rev = found?.rev ?? 0
    expect(await one.call('compareAndSet', 'key', { epoch: 1, data: 'after' }, rev)).toBe(true)
    const after = { epoch: 1, data: 'after', rev: rev + 1 }
    expect(await one.call('read', 'key')).toEqual(after)
    expect(await other.call('read', 'key')).toEqual(after)
    expect(await other.call('compareAndSet', 'key', record, rev + 1)).toBe(true)
    expect(await one.call('read', 'key')).toMatchObject({ rev: rev + 2 })
    expect(connect(file).prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  })

  it('is shared with a process that opens it afterwards', async () => {
    const { file, one, other } = await open()
    change(file)
    // Until then, SQLite uses the old log for the new file.
    if (name === 'replaced') await one.call('read', 'key')
    const third = await start(file)
    expect(await third.call('compareAndSet', 'new', record, 0)).toBe(true)
    for (const { call } of [one, other, third]) expect(await call('read', 'new')).toEqual(stored)
    expect(await one.call('compareAndSet', 'new', { epoch: 1, data: 'after' }, 1)).toBe(true)
    for (const { call } of [other, third]) expect(await call('read', 'new')).toMatchObject({ data: 'after' })
    expect(connect(file).prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  })
})

function remove(...files: string[]): void {
  for (const file of files) rmSync(file)
}

/** Replaces a database by a copy in which the data of each record is `copy`. */
function replace(file: string, deletesLog: boolean): void {
  const copy = `${file}.copy`
  const database = connect(file)
  database.exec(`VACUUM INTO '${copy}'`)
  database.close()
  const copied = connect(copy)
  copied.exec("UPDATE records SET data = CAST('copy' AS BLOB)")
  copied.exec('PRAGMA journal_mode = WAL')
  copied.close()
  if (deletesLog) remove(`${file}-wal`, `${file}-shm`)
  renameSync(copy, file)
}
