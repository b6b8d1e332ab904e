import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { connect, failure, openStore, temporaryFile, temporaryFolder } from './temporary.test-helper.ts'

const record = { epoch: 0, data: 'secret data' }

/** Returns the message that a write rejects with, and checks that the error contains no part of the record. */
async function messageOfWrite(file: string): Promise<string> {
  const error = await failure(openStore(file).compareAndSet('secret key', record, 0))
  expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/secret (key|data)/)
  return error.message
}

function modes(file: string): Record<string, string> {
  const folder = path.dirname(file)
  const mode = (name: string) => (statSync(path.join(folder, name)).mode & 0o777).toString(8)
  return Object.fromEntries(readdirSync(folder).map((name) => [name, mode(name)]))
}

const allPrivate = { 'sessions.db': '600', 'sessions.db-shm': '600', 'sessions.db-wal': '600' }

describe('file permissions', () => {
  it('are limited to the owner, for the database and the files of SQLite next to it', async () => {
    const file = temporaryFile()
    await openStore(file).compareAndSet('key', record, 0)
    expect(modes(file)).toEqual(allPrivate)
  })

  it('of group and others are removed from an existing file', async () => {
    const file = temporaryFile()
    writeFileSync(file, '')
    chmodSync(file, 0o644)
    await openStore(file).compareAndSet('key', record, 0)
    expect(modes(file)).toEqual(allPrivate)
  })

  it('are removed while another store has the file open', async () => {
    const file = temporaryFile()
    const other = openStore(file)
    await other.compareAndSet('key', record, 0)
    for (const name of Object.keys(allPrivate)) chmodSync(path.join(path.dirname(file), name), 0o664)
    expect(await openStore(file).read('key')).toEqual({ ...record, rev: 1 })
    expect(modes(file)).toEqual(allPrivate)
  })

  it('are changed on the target of a symbolic link', async () => {
    const file = temporaryFile()
    const target = path.join(temporaryFolder(), 'sessions.db')
    writeFileSync(target, '')
    chmodSync(target, 0o644)
    symlinkSync(target, file)
    await openStore(file).compareAndSet('key', record, 0)
    expect(modes(target)).toEqual(allPrivate)
  })
})

describe('an unusable file', () => {
  it('in a missing folder is rejected with the advice to create the folder', async () => {
    const file = path.join(temporaryFile(), 'sessions.db')
    expect(await messageOfWrite(file)).toBe(
      `ENOENT (${file}): create its folder first, preferably with mode 0700`,
    )
  })

  it('below another file is rejected', async () => {
    const file = temporaryFile()
    writeFileSync(file, '')
    expect(await messageOfWrite(path.join(file, 'sessions.db'))).toContain(
      'the parent of the path is a file, not a folder',
    )
  })

  it('is rejected if the path is a folder', async () => {
    const file = temporaryFile()
    mkdirSync(file)
    expect(await messageOfWrite(file)).toBe(`${file} is not a regular file: path must be the path of a file`)
    expect(readdirSync(file)).toEqual([])
  })

  it.each([
    ['short', 'no database'],
    ['long', 'no database '.repeat(1000)],
    ['with the header of SQLite', `SQLite format 3\0${'no database '.repeat(1000)}`],
  ])('with other content (%s) is rejected and not changed', async (_case, content) => {
    const file = temporaryFile()
    writeFileSync(file, content, { mode: 0o644 })
    expect(await messageOfWrite(file)).toBe(
      `SQLite: file is not a database, code 26 (${file}): give sqliteStore a separate file`,
    )
    expect(readFileSync(file, 'utf8')).toBe(content)
    expect(modes(file)).toEqual({ 'sessions.db': '644' })
  })

  it.each([
    [
      'a newer version',
      'PRAGMA user_version = 2',
      'has schema version 2, but this @pds/session-sqlite supports version 1',
    ],
    ['a newer version with a log', 'PRAGMA journal_mode = WAL; PRAGMA user_version = 9', 'version 9'],
    ['an unknown version', 'PRAGMA user_version = -1', 'has schema version -1'],
    ['another program', 'CREATE TABLE records (a)', 'is the database of another program'],
  ])('of %s is rejected and not changed', async (_case, sql, message) => {
    const file = temporaryFile()
    const database = connect(file)
    database.exec(sql)
    database.close()
    const content = readFileSync(file)
    const before = modes(file)
    const rejection = await messageOfWrite(file)
    expect(rejection).toContain(message)
    expect(rejection).toContain(file)
    expect(readFileSync(file).equals(content)).toBe(true)
    expect(modes(file)).toEqual(before)
  })

  it('without its tables is rejected', async () => {
    const file = temporaryFile()
    await openStore(file).compareAndSet('key', record, 0)
    connect(file).exec('DROP TABLE records')
    expect(await messageOfWrite(file)).toBe(`SQLite: SQL logic error, code 1 (${file})`)
  })
})

it('turns on the write-ahead log of a database that has none', async () => {
  const file = temporaryFile()
  await openStore(file).compareAndSet('key', record, 0)
  const copy = path.join(temporaryFolder(), 'sessions.db')
  connect(file).exec(`VACUUM INTO '${copy}'`)
  const database = connect(copy)
  database.exec('PRAGMA journal_mode = DELETE')
  database.close()
  expect(await openStore(copy).read('key')).toEqual({ ...record, rev: 1 })
  expect(connect(copy).prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' })
})
