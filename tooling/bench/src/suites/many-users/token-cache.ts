import { Redis } from 'ioredis'
import { Pool } from 'pg'
import type { StoreBackend } from '../store-backends.ts'
import { obtainToken } from './session-of-user.ts'
import type { UserTokens } from './user-tokens.ts'

/* The baselines: each token is written once, as durably as the store does, without a lease or a session, and cached. */

/** What the baseline of each store uses. */
export const baselines: Readonly<Record<StoreBackend['name'], string>> = {
  memory: 'a Map',
  SQLite: 'node:sqlite, one transaction per turn',
  Redis: 'ioredis SET',
  PostgreSQL: 'pg INSERT',
}

/** Writes the token of each user once to an empty backend, and returns it from a Map from then on. */
export async function openTokenCache(backend: StoreBackend): Promise<UserTokens> {
  const { write, close } = await openWriter(backend)
  const tokens = new Map<string, string>()
  return {
    async getToken(user_id) {
      const cached = tokens.get(user_id)
      if (cached !== undefined) return cached
      const token = await obtainToken(user_id)
      tokens.set(user_id, token.access_token)
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

async function openWriter({ name, location }: StoreBackend): Promise<Writer> {
  switch (name) {
    case 'memory':
      return openMap()
    case 'SQLite':
      return openTable(location)
    case 'Redis':
      return openRedis(location)
    case 'PostgreSQL':
      return openPostgres(location)
  }
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

async function openPostgres(connectionString: string): Promise<Writer> {
  const pool = new Pool({ connectionString })
  await pool.query('DROP TABLE IF EXISTS tokens')
  await pool.query('CREATE TABLE tokens (key text PRIMARY KEY, data text)')
  return {
    write: (key, data) => pool.query('INSERT INTO tokens (key, data) VALUES ($1, $2)', [key, data]),
    close: () => pool.end(),
  }
}
