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

/** What a write is refused with, which says nothing of the record. */
async function refusal(file: string): Promise<string> {
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

describe('the permissions', () => {
  it("are the owner's alone, of the database and what SQLite puts beside it", async () => {
    const file = temporaryFile()
    await openStore(file).compareAndSet('key', record, 0)
    expect(modes(file)).toEqual(allPrivate)
  })

  it('of group and others are taken from a file that has them', async () => {
    const file = temporaryFile()
    writeFileSync(file, '')
    chmodSync(file, 0o644)
    await openStore(file).compareAndSet('key', record, 0)
    expect(modes(file)).toEqual(allPrivate)
  })

  it('are taken too where another store has it open', async () => {
    const file = temporaryFile()
    const other = openStore(file)
    await other.compareAndSet('key', record, 0)
    for (const name of Object.keys(allPrivate)) chmodSync(path.join(path.dirname(file), name), 0o664)
    expect(await openStore(file).read('key')).toEqual({ ...record, rev: 1 })
    expect(modes(file)).toEqual(allPrivate)
  })

  it('of a file behind a link count, not those of the link', async () => {
    const file = temporaryFile()
    const target = path.join(temporaryFolder(), 'sessions.db')
    writeFileSync(target, '')
    chmodSync(target, 0o644)
    symlinkSync(target, file)
    await openStore(file).compareAndSet('key', record, 0)
    expect(modes(target)).toEqual(allPrivate)
  })
})

describe('a file that cannot be used', () => {
  it('in a folder that is missing: says to create that', async () => {
    const file = path.join(temporaryFile(), 'sessions.db')
    expect(await refusal(file)).toBe(`ENOENT (${file}): create its folder first, best with mode 0700`)
  })

  it('in a folder that is a file', async () => {
    const file = temporaryFile()
    writeFileSync(file, '')
    expect(await refusal(path.join(file, 'sessions.db'))).toContain('its folder is a file')
  })

  it('that is a folder', async () => {
    const file = temporaryFile()
    mkdirSync(file)
    expect(await refusal(file)).toBe(`the path of a sqliteStore must be that of a file: ${file}`)
    expect(readdirSync(file)).toEqual([])
  })

  it.each([
    ['short', 'no database'],
    ['long', 'no database '.repeat(1000)],
    ['made to look like one', `SQLite format 3\0${'no database '.repeat(1000)}`],
  ])('that is no database, %s: is left as it is', async (_what, content) => {
    const file = temporaryFile()
    writeFileSync(file, content, { mode: 0o644 })
    expect(await refusal(file)).toBe(
      `SQLite: file is not a database, code 26 (${file}): give sqliteStore a file of its own`,
    )
    expect(readFileSync(file, 'utf8')).toBe(content)
    expect(modes(file)).toEqual({ 'sessions.db': '644' })
  })

  it.each([
    [
      'of a newer version',
      'PRAGMA user_version = 2',
      'have version 2, this @pds/session-sqlite knows version 1',
    ],
    ['of a newer version, with a log', 'PRAGMA journal_mode = WAL; PRAGMA user_version = 9', 'version 9'],
    ['of an odd version', 'PRAGMA user_version = -1', 'have version -1'],
    ['of something else', 'CREATE TABLE records (a)', 'is the database of something else'],
  ])('%s: is left as it is', async (_what, sql, message) => {
    const file = temporaryFile()
    const database = connect(file)
    database.exec(sql)
    database.close()
    const content = readFileSync(file)
    const before = modes(file)
    const said = await refusal(file)
    expect(said).toContain(message)
    expect(said).toContain(file)
    expect(readFileSync(file).equals(content)).toBe(true)
    expect(modes(file)).toEqual(before)
  })

  it('any more, since its tables are gone', async () => {
    const file = temporaryFile()
    await openStore(file).compareAndSet('key', record, 0)
    connect(file).exec('DROP TABLE records')
    expect(await refusal(file)).toBe(`SQLite: SQL logic error, code 1 (${file})`)
  })
})

it('a database that has no write-ahead log gets one', async () => {
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
