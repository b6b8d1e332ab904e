import { jwtGrant } from '@pds/auth-jwt'
import { oauthGrant } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import type { Store } from '@pds/session'
import { redisStore } from '@pds/session-redis'
import { sqliteStore } from '@pds/session-sqlite'
import type { Grant } from '@pds/types'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import type { OpenOptions } from './orders.ts'

/* What a session consists of, in the process of a test as in those that it starts. */

export function makeGrant({ api_endpoint, domain_id, app }: OpenOptions): Grant {
  // What is sent again is the session's business here.
  const transport = createTransport({ api_endpoint, retryCount: 0 })
  const { client_id, client_secret, private_key_pem } = app
  if (private_key_pem !== undefined) {
    return jwtGrant({ transport, domain_id, client_id, private_key_pem, user_id: 'user-1' })
  }
  return oauthGrant({ transport, client_id, client_secret, redirect_uri: 'http://127.0.0.1:3000/callback' })
}

export interface OpenStore {
  store: Store
  close(): unknown
}

export async function openStore({ type, place }: OpenOptions['store']): Promise<OpenStore> {
  if (type === 'sqlite') {
    const store = sqliteStore({ path: place })
    return { store, close: () => store.close() }
  }
  if (type === 'ioredis') {
    const client = new Redis(place)
    return { store: redisStore({ client }), close: () => client.quit() }
  }
  const client = await createClient({ url: place }).connect()
  return { store: redisStore({ client }), close: () => client.close() }
}
