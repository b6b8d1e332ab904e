import { encryptedStore, memoryStore } from '@pds/session'
import { postgresStore } from '@pds/session-postgres'
import { redisStore } from '@pds/session-redis'
import { sqliteStore } from '@pds/session-sqlite'
import { webStore, webStoreKey } from '@pds/session-web'

/** Opens a store by its description. Returns the store and a function that closes it. */
export async function openStore({ kind, isEncrypted, key, ...rest }) {
  const { store, close } = await openers[kind](rest)
  if (!isEncrypted) return { store, close }
  const secret = kind === 'web' ? await webStoreKey({ name: rest.name }) : Uint8Array.from(key)
  return { store: encryptedStore(store, secret), close }
}

// The memory stores of this process, by name. The requests of a worker share them.
const memories = new Map()

const openers = {
  memory({ name }) {
    const store = memories.get(name) ?? memoryStore()
    memories.set(name, store)
    return { store, close() {} }
  },
  sqlite({ path }) {
    const store = sqliteStore({ path })
    return { store, close: () => store.close() }
  },
  async redis({ url, token, library }) {
    if (library === '@upstash/redis') {
      // Bundlers need the name. This entry uses nothing but fetch.
      const { Redis } = await import('@upstash/redis/cloudflare')
      return { store: redisStore({ client: new Redis({ url, token, enableTelemetry: false }) }), close() {} }
    }
    const { createClient, Redis } = await import(library)
    if (library === 'redis') {
      const client = await createClient({ url }).connect()
      return { store: redisStore({ client }), close: () => client.destroy() }
    }
    const client = new Redis(url)
    return { store: redisStore({ client }), close: () => client.disconnect() }
  },
  async postgres({ url, library }) {
    const { Pool, default: postgres } = await import(library)
    if (library === 'pg') {
      const pool = new Pool({ connectionString: url })
      const store = postgresStore({ query: (text, params) => pool.query(text, params) })
      await store.migrate()
      return { store, close: () => pool.end() }
    }
    const sql = postgres(url, { onnotice() {} })
    const store = postgresStore({ query: (text, params) => sql.unsafe(text, params) })
    await store.migrate()
    return { store, close: () => sql.end() }
  },
  web({ name }) {
    const store = webStore({ name })
    return { store, close: () => store.close() }
  },
}
