import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { fromEnv, jwtGrant } from '@pds/auth-jwt'
import { oauthGrant } from '@pds/auth-oauth'
import { PDSClient } from '@pds/client'
import { createTransport } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { createSession, createSessions, encryptedStore, memoryStore } from '@pds/session'
import { postgresStore } from '@pds/session-postgres'
import { redisStore } from '@pds/session-redis'
import { sqliteStore } from '@pds/session-sqlite'
import { webStore } from '@pds/session-web'
import type { ITokenInfo } from '@pds/types'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Canaries } from './faults/canaries.ts'

/* Users log objects. Nothing that they can log shows a token, a key or a secret, also with hidden properties. */

const canaries = new Canaries()
const tokens = new Canaries()
const client_secret = 'canary-Uj2w-M7sfY/+'
const password = 'canary-Rk8c-T4xnB'
const key = new TextEncoder().encode('canary-Gf6yWq1zLd9hVs3mKp7tJb2x-')
const options = { showHidden: true, getters: true, depth: 30, maxStringLength: null, maxArrayLength: null }
const kinds = ['settings', 'transport', 'grants', 'session', 'client', 'stores', 'emulator']
let folder: string
let emulator: RunningEmulator
let token: ITokenInfo

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'pds-inspect-'))
  emulator = await startEmulator()
  for (const secret of [client_secret, password, inspect(key)]) canaries.add(secret)
})

afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true })
})

it.each(kinds)('%s', async (name) => {
  const { api_endpoint, domain_id } = emulator
  const transport = createTransport({ api_endpoint })
  const { client_id, private_key_pem = '' } = emulator.app('jwt')
  for (const line of private_key_pem.split('\n')) if (!line.startsWith('--')) canaries.add(line)
  const grant = jwtGrant({ transport, domain_id, client_id, private_key_pem, user_id: 'user-1' })
  const store = memoryStore()
  const session = createSession({ key: 'user-1', grant, store: encryptedStore(store, key) })
  token = await session.getToken()
  for (const secret of [token.access_token, token.refresh_token ?? '']) {
    canaries.add(secret)
    tokens.add(secret)
  }
  const users = createSessions({ grant: () => grant, store })
  const user = users.get('user-1')
  await user.getAccessToken()
  const client = new PDSClient({ api_endpoint, token_info: token, share_token: password })
  const withSession = new PDSClient({ api_endpoint, session })
  await withSession.postAPI('/user/get', { user_id: 'user-1' })
  const redis = { isOpen: true, eval: async () => null, evalSha: async () => null, options: { password } }
  const postgres = postgresStore({ query: Object.assign(async () => [], { password }) })
  const sqlite = sqliteStore({ path: path.join(folder, 'sessions.db') })
  await sqlite.compareAndSet('user-1', { epoch: 1, data: token.access_token }, 0)
  await store.compareAndSet('user-2', { epoch: 1, data: token.access_token }, 0)

  const settings = fromEnv({
    PDS_API_ENDPOINT: api_endpoint,
    PDS_DOMAIN_ID: domain_id,
    PDS_CLIENT_ID: client_id,
    PDS_PRIVATE_KEY: private_key_pem,
    PDS_CLIENT_SECRET: client_secret,
    PDS_REDIRECT_URI: 'https://a.test',
  })

  const objects: Record<string, unknown[]> = {
    settings: [settings, settings.app, settings.oauthApp, [settings], { settings }],
    transport: [transport],
    grants: [
      grant,
      oauthGrant({ transport, client_id: 'web-app', client_secret, redirect_uri: 'https://a.test' }),
      oauthGrant({ transport: createTransport(settings.transport), ...settings.oauthApp }),
    ],
    session: [session, users, user],
    client: [client, withSession, { client }, [client]],
    stores: [store, encryptedStore(store, key), sqlite, postgres, redisStore({ client: redis }), webStore()],
    emulator: [emulator],
  }
  for (const object of objects[name] ?? []) {
    const shown = inspect(object, options)
    expect(shown).toMatch(/\w+: /)
    // The keys and secrets of the emulator's applications are public.
    expect((name === 'emulator' ? tokens : canaries).known(shown)).toEqual([])
  }
  session.close()
  await users.close()
  sqlite.close()
})
