import { checkOptions, functionOption, type OptionValidator } from '@pds/core/internal'
import type { Store } from '@pds/session'
import { ChangeFeed, type PostgresListen } from './change-feed.ts'
import { type PostgresQuery, statementRunner } from './query.ts'
import { parseLease, parseListed, parseRecord } from './rows.ts'
import { createTable, schemaStatements } from './schema.ts'
import { deletedAtOnce, statementsFor } from './statements.ts'
import { escapeText, storedKey } from './stored-text.ts'
import { schemaNameOption, tableNames, tableOption } from './table.ts'

/** The options of `postgresStore`. */
export interface PostgresStoreOptions {
  /**
   * Runs a statement with your client: `(text, params) => pool.query(text, params)` for `pg` and PGlite,
   * `(text, params) => sql.unsafe(text, params)` for `postgres`. You connect and close the client.
   */
  query: PostgresQuery
  /**
   * Listens to a channel on a direct connection. With it, sessions hear at once of a sign-out or a new token of another
   * process, and do not read a known record every 5 seconds. Default: sessions read the store again when they need a
   * token.
   */
  listen?: PostgresListen | undefined
  /** The name of the table. Default: `pds_sessions`. */
  table?: string | undefined
  /** The name of the schema of the table, which must exist. Default: `public`. */
  schemaName?: string | undefined
  /**
   * The time that a session is kept after its last write or lease, in milliseconds: 30 days (2 592 000 000) or more.
   * Default: sessions do not expire.
   *
   * A sign-out is a record too. It must outlive every refresh token, so that a process with an old token cannot undo it.
   * A signed-out session of a JWT application signs in again at its next use after its record has expired.
   */
  expireAfter?: number | undefined
}

/** A store in PostgreSQL. */
export interface PostgresStore extends Store {
  /** `cluster`: any number of machines share the sessions. */
  readonly scope: 'cluster'
  /** The SQL that creates the table and its index, for your own migrations. */
  readonly schema: string
  /**
   * Creates the table and its index if they are missing. Several processes may call it at the same time.
   *
   * If both exist, it changes nothing and needs no permission to create them. Rejects with an `Error` if the table lacks
   * a column, for example because it belongs to another program.
   */
  migrate(): Promise<void>
  /** Lists the keys that have a record, 500 at a time. */
  list(): AsyncIterable<string>
  /** Ends the subscription of `listen`. Other calls still work. Your client of `query` stays connected. */
  close(): Promise<void>
}

// 30 days in milliseconds.
const minExpireAfter = 2_592_000_000
// The time between two deletions of unused sessions, in milliseconds.
const deletionInterval = 60_000

const storeOptions: Readonly<Record<keyof PostgresStoreOptions, OptionValidator>> = {
  query: {
    wants: 'a function that runs a statement, such as (text, params) => pool.query(text, params)',
    accepts: (value) => typeof value === 'function',
    isRequired: true,
  },
  listen: functionOption,
  table: tableOption,
  schemaName: schemaNameOption,
  expireAfter: {
    wants: `an integer of at least ${minExpireAfter} (30 days in milliseconds), so that a sign-out outlives every refresh token`,
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= minExpireAfter,
  },
}

/**
 * Creates a store in a table of PostgreSQL, which any number of machines share.
 *
 * The store uses your client and opens no connection. Each call is one statement, so it works through poolers such as
 * PgBouncer in transaction mode.
 *
 * Calls of the store reject with an `Error` whose message begins with `PostgreSQL: ` and contains no data of a session. If
 * the server is unreachable, the settings of the client decide when a call rejects. A damaged record rejects no call: it
 * is returned with an `error`, and `setToken` and `signOut` replace it.
 *
 * @throws A `PDSError` with code `InvalidParameter` for an unknown, missing or invalid option.
 *
 * @example
 * ```ts
 * import { oauthGrant } from '@pds/auth-oauth'
 * import { createTransport } from '@pds/core'
 * import { createSession } from '@pds/session'
 * import { postgresStore } from '@pds/session-postgres'
 * import { Pool } from 'pg'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const app = { client_id: 'webserver-app', redirect_uri: 'https://app.example.com/callback' }
 * const pool = new Pool({ connectionString: process.env.DATABASE_URL })
 * const store = postgresStore({ query: (text, params) => pool.query(text, params) })
 * await store.migrate()
 * const session = createSession({ key: 'user-1', grant: oauthGrant({ transport, ...app }), store })
 * ```
 */
export function postgresStore(options: PostgresStoreOptions): PostgresStore {
  const {
    query,
    listen,
    table = 'pds_sessions',
    schemaName = 'public',
    expireAfter,
  } = checkOptions('postgresStore', options, storeOptions)
  const names = tableNames(schemaName, table)
  const statements = statementsFor(names)
  const run = statementRunner(query)
  const notify = (payload: string) => run(statements.notify, [payload])
  const feed = listen && new ChangeFeed({ listen, channel: names.channel, notify })
  let nextDeletion = 0

  /** Deletes unused sessions together with a write, a few at a time. */
  function deleteUnused(): void {
    if (expireAfter === undefined || performance.now() < nextDeletion) return
    nextDeletion = performance.now() + deletionInterval
    run(statements.deleteUnused, [`${expireAfter}`]).then(
      ({ length }) => {
        if (length === deletedAtOnce) nextDeletion = 0
      },
      // The next deletion tries again.
      () => undefined,
    )
  }

  return {
    scope: 'cluster',
    schema: schemaStatements(names)
      .map((statement) => `${statement};\n`)
      .join('\n'),
    migrate: () => createTable(query, names),
    async read(key) {
      const { key: stored } = await storedKey(key)
      return parseRecord((await run(statements.read, [stored]))[0])
    },
    async compareAndSet(key, { epoch, data }, expectedRev, release) {
      const written = [`${nextRev(expectedRev)}`, `${epoch}`, escapeText(data), crypto.randomUUID()]
      const holder = release ? [escapeText(release.owner), `${release.fence}`] : ['', '']
      const { key: stored, longKey } = await storedKey(key)
      deleteUnused()
      const rows =
        expectedRev === 0
          ? await run(statements.insert, [stored, longKey, ...written, ...holder])
          : await run(statements.update, [stored, ...written, ...holder, `${expectedRev}`])
      return rows.length > 0
    },
    async lease(key, owner, ttl) {
      const { key: stored, longKey } = await storedKey(key)
      deleteUnused()
      return parseLease((await run(statements.lease, [stored, longKey, escapeText(owner), `${ttl}`]))[0])
    },
    async release(key, owner, fence) {
      const { key: stored } = await storedKey(key)
      await run(statements.release, [stored, escapeText(owner), `${fence}`])
    },
    async *list() {
      for (let after = ''; ; ) {
        const rows = (await run(statements.list, [after])).map(parseListed)
        for (const { key } of rows) yield key
        const last = rows.at(-1)
        if (!last) return
        after = last.stored
      }
    },
    ...(feed && {
      watch: (key: string, changed: () => void) => feed.watch(key, changed),
      isWatching: (key: string) => feed.isWatching(key),
    }),
    close: async () => feed?.close(),
  }
}

/** Returns the revision of the write that replaces a revision. It is never 0, which means that a key has no record. */
function nextRev(rev: number): number {
  return rev < 1 || rev >= Number.MAX_SAFE_INTEGER ? 1 : rev + 1
}
