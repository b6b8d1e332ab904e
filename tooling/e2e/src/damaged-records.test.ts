import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { createSession, encryptedStore, type Session, type Store } from '@pds/session'
import { postgresStore } from '@pds/session-postgres'
import { redisStore } from '@pds/session-redis'
import { type SqliteStore, sqliteStore } from '@pds/session-sqlite'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  postgresIsMissing,
  type RunningPostgres,
  startPostgres,
} from '../../../packages/session-postgres/src/start-postgres.test-helper.ts'
import {
  type RunningRedis,
  redisIsMissing,
  startRedis,
} from '../../../packages/session-redis/src/start-redis.test-helper.ts'
import { makeGrant } from './sessions/session-parts.ts'
import { signIn } from './sessions/shared-session.ts'

/* A damaged record in a store never locks a user out. */

let emulator: RunningEmulator

beforeAll(async () => {
  emulator = await startEmulator()
})

afterAll(() => emulator.close())

/** Opens a session of an application. `isJwt` says whether it can obtain tokens without a user. */
function openSession(store: Store, isJwt = false): Session {
  const { api_endpoint, domain_id } = emulator
  const app = isJwt ? emulator.app('jwt') : emulator.app('webserver')
  const grant = makeGrant({ api_endpoint, domain_id, app, store: { type: 'sqlite', place: '' } })
  return createSession({ key: 'user-1', grant, store })
}

/** A way to damage the only record of a store. */
type Damage = () => unknown

/** Checks the promises of a session for a damaged record. */
function describeDamages(open: () => Store, damages: Record<string, Damage>, clear: () => unknown): void {
  beforeEach(async () => {
    await clear()
  })

  describe.each(Object.entries(damages))('%s', (_what, damage) => {
    async function damaged(isJwt = false) {
      const first = openSession(open(), isJwt)
      if (isJwt) await first.getToken()
      else await first.setToken(await signIn(emulator))
      first.close()
      await damage()
      return openSession(open(), isJwt)
    }

    it('is reported once, and replaced by setToken', async () => {
      const session = await damaged()
      const errors: unknown[] = []
      session.subscribe('error', ({ error }) => errors.push(error.code))
      for (let call = 0; call < 2; call++) {
        await expect(session.getToken()).rejects.toMatchObject({ code: 'StoreFailed', outcome: 'not-sent' })
      }
      expect(errors).toEqual(['StoreFailed'])
      const token = await signIn(emulator)
      await session.setToken(token)
      expect(await openSession(open()).getAccessToken()).toBe(token.access_token)
    })

    it('is replaced by signOut', async () => {
      const session = await damaged()
      await session.signOut()
      await expect(openSession(open()).getToken()).rejects.toMatchObject({ cause: 'signed_out' })
    })

    it('does not stop a grant that obtains tokens, which replaces it', async () => {
      const session = await damaged(true)
      const token = await session.getAccessToken()
      expect(await openSession(open(), true).getAccessToken()).toBe(token)
    })
  })

  it('a lost key locks no user out either', async () => {
    const keyOf = (seed: number) => new Uint8Array(32).fill(seed)
    await openSession(encryptedStore(open(), keyOf(1))).setToken(await signIn(emulator))
    const session = openSession(encryptedStore(open(), keyOf(2)))
    await expect(session.getToken()).rejects.toMatchObject({ code: 'DecryptionFailed' })
    const token = await signIn(emulator)
    await session.setToken(token)
    expect(await session.getAccessToken()).toBe(token.access_token)
    await session.signOut()
    await expect(session.getToken()).rejects.toMatchObject({ cause: 'signed_out' })
  })
}

describe('a record in SQLite that is', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pds-damaged-'))
  const file = path.join(folder, 'sessions.db')
  // A store replaces a record once in 30 seconds, so each session has its own.
  const stores: SqliteStore[] = []
  const open = () => {
    const store = sqliteStore({ path: file })
    stores.push(store)
    return store
  }
  const run = (sql: string) => {
    const database = new DatabaseSync(file)
    database.exec(sql)
    database.close()
  }
  afterAll(() => {
    for (const store of stores) store.close()
    rmSync(folder, { recursive: true })
  })

  describeDamages(
    open,
    {
      truncated: () => run('UPDATE records SET data = substr(data, 1, length(data) - 20)'),
      empty: () => run("UPDATE records SET data = x''"),
      'not UTF-8': () => run("UPDATE records SET data = x'ff00ff'"),
      'with revision 0': () => run('UPDATE records SET rev = 0'),
      'with a negative revision': () => run('UPDATE records SET rev = -7'),
      'with a revision beyond 2^53': () => run('UPDATE records SET rev = 9223372036854775807'),
      'with an epoch beyond 2^53': () => run('UPDATE records SET epoch = 9223372036854775807'),
    },
    async () => {
      // Creates the tables.
      await open().read('none')
      run('DELETE FROM records; DELETE FROM leases')
    },
  )
})

describe.skipIf(redisIsMissing)('a record in Redis that is', () => {
  let server: RunningRedis
  let client: Redis
  let key = ''
  beforeAll(async () => {
    server = await startRedis()
    client = new Redis(server.url)
  })
  afterAll(async () => {
    await client.quit()
    await server.stop()
  })
  const change = (act: () => Promise<unknown>) => async () => {
    key = (await client.keys('*'))[0] ?? ''
    await act()
  }

  describeDamages(
    () => redisStore({ client }),
    {
      truncated: change(async () => {
        const data = (await client.hget(key, 'data')) ?? ''
        return client.hset(key, 'data', data.slice(0, -20))
      }),
      'without data': change(() => client.hdel(key, 'data')),
      'without a revision': change(() => client.hdel(key, 'rev')),
      'with a revision that is a text': change(() => client.hset(key, 'rev', 'abc')),
      'with a revision beyond 2^53': change(() => client.hset(key, 'rev', '9223372036854775807')),
      'with an epoch that is a text': change(() => client.hset(key, 'epoch', 'x')),
      'of another type': change(() => client.set(key, 'a text')),
      'a list': change(async () => {
        await client.del(key)
        return client.rpush(key, 'a')
      }),
    },
    () => client.flushall(),
  )
})

describe.skipIf(postgresIsMissing)('a record in PostgreSQL that is', () => {
  let server: RunningPostgres
  let client: Client
  const open = () => postgresStore({ query: (text, params) => client.query(text, params) })
  const set = (change: string) => () => client.query(`UPDATE pds_sessions SET ${change}`)
  beforeAll(async () => {
    server = await startPostgres()
    client = new Client(server.url)
    await client.connect()
    await open().migrate()
  })
  afterAll(async () => {
    await client.end()
    await server.stop()
  })

  describeDamages(
    open,
    {
      truncated: set('data = left(data, -20)'),
      empty: set("data = ''"),
      'without data': set('data = NULL'),
      'without a revision': set('rev = NULL'),
      'with revision 0': set('rev = 0'),
      'with a negative revision': set('rev = -7'),
      'with a revision beyond 2^53': set('rev = 9223372036854775807'),
      'with an epoch beyond 2^53': set('epoch = 9223372036854775807'),
      'without an epoch': set('epoch = NULL'),
    },
    () => client.query('DELETE FROM pds_sessions'),
  )
})
