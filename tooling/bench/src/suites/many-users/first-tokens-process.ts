import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { memoryStore, type Session, type Store } from '@pds/session'
import { Redis } from 'ioredis'
import { serveRequests } from '../../harness/request-process.ts'
import { openStore, type StoreBackend } from '../store-backends.ts'
import type { FirstTokensRequest, FirstTokensResponse } from './first-tokens.ts'
import { forEachUser, obtainToken, openSessionOfUser, userId } from './session-of-user.ts'

/* Users get their first tokens, 100 at a time, in an empty store. */

type GetToken = (user_id: string) => Promise<string>

const { gc } = globalThis as unknown as { gc(): void }

serveRequests(async ({ backend, users, isBaseline }: FirstTokensRequest): Promise<FirstTokensResponse> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-first-tokens-'))
  const empty = backend && (await emptyBackend(backend, folder))
  const { getToken, close } = isBaseline ? await openWriter(empty) : openSessions(empty)
  try {
    // Opens connections and compiles statements.
    await getToken(userId(0, 'warm'))
    return await measure(users, getToken)
  } finally {
    await close()
    rmSync(folder, { recursive: true })
  }
})

async function measure(users: number, getToken: GetToken): Promise<FirstTokensResponse> {
  gc()
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  // The first delay is measured from the first timer.
  await setTimeout(5)
  delays.reset()
  const started = process.hrtime.bigint()
  await forEachUser(users, async (index) => {
    const user_id = userId(index)
    const token = await getToken(user_id)
    if (!token.startsWith(user_id)) throw new Error('a user got the token of another user')
  })
  const time = Number(process.hrtime.bigint() - started)
  await setTimeout(5)
  delays.disable()
  return { time, stall: delays.max }
}

async function emptyBackend(backend: StoreBackend, folder: string): Promise<StoreBackend> {
  if (backend.name === 'SQLite') return { ...backend, location: path.join(folder, 'sessions.db') }
  const client = new Redis(backend.location)
  await client.flushall()
  await client.quit()
  return backend
}

function openSessions(backend: StoreBackend | undefined): { getToken: GetToken; close(): Promise<void> } {
  const { store, close }: { store: Store; close(): unknown } = backend
    ? openStore(backend)
    : { store: memoryStore(), close: () => undefined }
  const sessions: Session[] = []
  return {
    getToken(user_id) {
      const session = openSessionOfUser(user_id, store)
      sessions.push(session)
      return session.getAccessToken()
    },
    async close() {
      for (const session of sessions) session.close()
      await close()
    },
  }
}

/** Writes each token once, as durably as the store does, without a lease or a session. */
async function openWriter(
  backend: StoreBackend | undefined,
): Promise<{ getToken: GetToken; close(): Promise<void> }> {
  const { write, close } = await (backend === undefined
    ? openMap()
    : backend.name === 'SQLite'
      ? openTable(backend.location)
      : openRedis(backend.location))
  return {
    async getToken(user_id) {
      const token = await obtainToken(user_id)
      await write(user_id, JSON.stringify(token))
      return token.access_token
    },
    close,
  }
}

interface Writer {
  write(key: string, data: string): Promise<unknown>
  close(): Promise<void>
}

function openMap(): Writer {
  const map = new Map<string, string>()
  return { write: async (key, data) => map.set(key, data), close: async () => undefined }
}

/** All writes of one turn of the event loop are one transaction. */
async function openTable(file: string): Promise<Writer> {
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(file)
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE tokens (key TEXT PRIMARY KEY, data TEXT) STRICT, WITHOUT ROWID
  `)
  const insert = database.prepare('INSERT INTO tokens (key, data) VALUES (?, ?)')
  let rows: [key: string, data: string][] = []
  let written: Promise<void> | undefined
  const writeRows = () => {
    database.exec('BEGIN IMMEDIATE')
    for (const row of rows) insert.run(...row)
    database.exec('COMMIT')
    rows = []
    written = undefined
  }
  return {
    write(key, data) {
      rows.push([key, data])
      written ??= new Promise((resolve) => setImmediate(resolve)).then(writeRows)
      return written
    },
    close: async () => database.close(),
  }
}

async function openRedis(url: string): Promise<Writer> {
  const client = new Redis(url)
  return { write: (key, data) => client.set(key, data), close: async () => void (await client.quit()) }
}
