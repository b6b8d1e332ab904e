import { jwtGrant } from '@pds/auth-jwt'
import { oauthGrant } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import type { Store } from '@pds/session'
import type { Grant } from '@pds/types'
import type { OpenOptions } from './orders.ts'

/*
 * The parts of a session, for the process of a test and for the processes that it starts. Stores are loaded on demand:
 * loading them all took most of the start of a process.
 */

export function makeGrant({ api_endpoint, domain_id, app, limits }: OpenOptions): Grant {
  // The session alone decides what is retried, and after which time.
  const transport = createTransport({ api_endpoint, retryCount: 0, timeout: limits?.requestTimeout })
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
    const { sqliteStore } = await import('@pds/session-sqlite')
    const store = sqliteStore({ path: place })
    return { store, close: () => store.close() }
  }
  const { redisStore } = await import('@pds/session-redis')
  if (type === 'ioredis') {
    const { Redis } = await import('ioredis')
    const client = new Redis(place).on('error', () => undefined)
    return { store: redisStore({ client }), close: () => client.quit() }
  }
  const { createClient } = await import('redis')
  const client = createClient({ url: place })
  // Without a listener, a lost connection is an uncaught error. Calls reject in any case.
  client.on('error', () => undefined)
  await client.connect()
  return { store: redisStore({ client }), close: () => client.close() }
}
