import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type EmulatorOptions, type RunningEmulator, startEmulator } from '@pds/emulator'
import { createSession, type Session, type SessionOptions } from '@pds/session'
import { postgresStore } from '@pds/session-postgres'
import type { TokenInfo } from '@pds/types'
import { Client } from 'pg'
import { createClient } from 'redis'
import { hangTime, measureSlowness } from 'shared/time'
import type { OpenOptions, StoreType } from './orders.ts'
import { makeGrant, openStore } from './session-parts.ts'

const hour = 3_600_000

/** An emulated domain, and the session of a user in a store that processes can share. */
export interface SharedSession {
  emulator: RunningEmulator
  options: OpenOptions
  /** The same session, in this process. */
  session: Session
  /** Returns the number of token requests since the sign-in. */
  sends(): number
  close(): Promise<void>
}

/**
 * Starts a domain with a user who signed in hours ago: the access token has expired, the refresh token has not.
 *
 * A test passes the times that it waits for in `limits`. They are scaled by the slowness of the machine. The other
 * times never pass during a test, because a slow process must not lose its lease.
 */
export async function startSharedSession(
  kind: 'oauth' | 'jwt',
  type: StoreType,
  url = '',
  { limits = {}, domain = {} }: { limits?: Partial<SessionOptions>; domain?: EmulatorOptions } = {},
): Promise<SharedSession> {
  const slowness = await measureSlowness()
  const scaled = (time: number | undefined) => (time === undefined ? hangTime : time * slowness)
  const emulator = await startEmulator({ clock: () => Date.now() - 3 * hour, ...domain })
  const { api_endpoint, domain_id } = emulator
  const app = kind === 'jwt' ? emulator.app('jwt') : emulator.app('webserver')
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-sessions-'))
  const place = type === 'sqlite' ? path.join(folder, 'sessions.db') : url
  if (type === 'redis' || type === 'ioredis') await flushRedis(url)
  if (type === 'pg' || type === 'postgres') await emptyPostgres(url)
  const options: OpenOptions = {
    api_endpoint,
    domain_id,
    app,
    store: { type, place },
    limits: {
      ...limits,
      requestTimeout: scaled(limits.requestTimeout),
      // A session requires a leaseTime longer than its requestTimeout.
      leaseTime: scaled(limits.leaseTime) + 1000,
      suspectTime: scaled(limits.suspectTime),
      waitTimeout: hangTime,
    },
  }
  const { store, close } = await openStore(options.store)
  const session = createSession({ key: 'user-1', grant: makeGrant(options), store, ...options.limits })
  if (kind === 'jwt') await session.getToken()
  else await session.setToken(await signIn(emulator))
  emulator.clock.advance(3 * hour)
  const before = emulator.requests.length
  return {
    emulator,
    options,
    session,
    sends: () => emulator.requests.slice(before).filter(({ path }) => path === '/v2/oauth/token').length,
    async close() {
      session.close()
      await close()
      await emulator.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Signs a user in and returns the token of the code exchange. */
export async function signIn(emulator: RunningEmulator): Promise<TokenInfo> {
  const { client_id, client_secret = '', redirect_uris } = emulator.app('webserver')
  const code = emulator.createCode({ client_id })
  const form = {
    grant_type: 'authorization_code',
    client_id,
    client_secret,
    redirect_uri: redirect_uris[0] ?? '',
    code,
  }
  const body = new URLSearchParams(form)
  const response = await fetch(`${emulator.api_endpoint}/v2/oauth/token`, { method: 'POST', body })
  return response.json()
}

async function flushRedis(url: string): Promise<void> {
  const client = await createClient({ url }).connect()
  await client.flushAll()
  await client.close()
}

async function emptyPostgres(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await postgresStore({ query: (text, params) => client.query(text, params) }).migrate()
  await client.query('TRUNCATE pds_sessions')
  await client.end()
}
