import type { TableNames } from './table.ts'

/*
 * Every call of a store is one of these statements. Parameters and results are TEXT, because clients convert other types
 * in different ways.
 *
 * At READ COMMITTED, a statement that waits for the lock of a row sees the last committed row: in ON CONFLICT …
 * WHERE, UPDATE … WHERE, SET and RETURNING, but not in a SELECT beside them. So what is decided and returned comes from
 * these clauses alone.
 *
 * Any column may be damaged. No statement fails for this reason: a damaged revision counts as -1, and a damaged lease as
 * expired.
 */

// In which order two servers read their clocks and write is unknown, and so is the exact time after a failover.
const clockTolerance = "interval '1 second'"
// A lease that ends later from now is damaged: no option of a session accepts a longer duration.
const maxDuration = "interval '2147483647 milliseconds'"
/** So few rows that a deletion is short. */
export const deletedAtOnce = 100
/** The number of keys that are read at a time. */
const listedAtOnce = 500

/** The statements of a store. The comments name their parameters. */
export interface Statements {
  /** Key. Returns the record. */
  readonly read: string
  /**
   * Key, long key, next revision, epoch, data, id of the write, and owner and fencing token of the lease to release (or
   * two empty texts). Returns a row if the key had no record. The id identifies a retried statement whose result was lost.
   */
  readonly insert: string
  /** The same without the long key, and the expected revision as the last parameter. */
  readonly update: string
  /**
   * Key, long key, owner and duration in milliseconds. Returns the fencing token and the record, or no row if another owner
   * holds the lease.
   *
   * A fencing token is at least the time in milliseconds, so it increases even if the row was lost.
   */
  readonly lease: string
  /** Key, owner, fencing token. The row stays: the next fencing token must be higher. */
  readonly release: string
  /** The key after which the page begins. Returns keys that have a record. */
  readonly list: string
  /** Milliseconds. Deletes the rows whose last write or lease is longer ago. Returns a row for each. */
  readonly deleteUnused: string
  /** Sends a notification with a payload. */
  readonly notify: string
}

/** Returns the statements for a table. */
export function statementsFor({ table, channel }: TableNames): Statements {
  const record = `${storedRev} AS rev, s.epoch::text AS epoch, s.data AS data`
  // PostgreSQL sends it after the commit. A damaged key cannot be null.
  const notify = `pg_notify('${channel}', '${changePrefix}' || s.key)::text AS notified`
  const releaseOf = (owner: string, fence: string) =>
    `CASE WHEN s.lease_owner = ${owner}::text AND s.fence::text = ${fence}::text THEN NULL ELSE s.lease_owner END`
  return {
    read: `SELECT ${record} FROM ${table} AS s WHERE s.key = $1::text`,
    insert: `
      INSERT INTO ${table} AS s (key, long_key, rev, epoch, data, write_id, used_at)
      VALUES ($1::text, nullif($2::text, ''), $3::text::bigint, $4::text::bigint, $5::text, $6::text, statement_timestamp())
      ON CONFLICT (key) DO UPDATE SET
        rev = excluded.rev, epoch = excluded.epoch, data = excluded.data, write_id = excluded.write_id,
        used_at = excluded.used_at, lease_owner = ${releaseOf('$7', '$8')}
      WHERE ${storedRev} = '0' OR s.write_id = excluded.write_id
      RETURNING ${notify}`,
    update: `
      UPDATE ${table} AS s SET
        rev = $2::text::bigint, epoch = $3::text::bigint, data = $4::text, write_id = $5::text,
        used_at = statement_timestamp(), lease_owner = ${releaseOf('$6', '$7')}
      WHERE s.key = $1::text AND (${storedRev} = $8::text OR s.write_id = $5::text)
      RETURNING ${notify}`,
    // NOT EXISTS keeps callers that wait for a lease from locking its row, which would write to the disk.
    lease: `
      INSERT INTO ${table} AS s (key, long_key, fence, lease_owner, lease_taken, lease_until, used_at)
      SELECT $1::text, nullif($2::text, ''), ceil(extract(epoch FROM now) * 1000)::bigint, $3::text,
        now, now + $4::text::double precision * interval '1 millisecond', now
      FROM statement_timestamp() AS now
      WHERE NOT EXISTS (
        SELECT FROM ${table} AS s WHERE s.key = $1::text AND s.lease_owner <> $3::text AND ${isHeld('now')}
      )
      ON CONFLICT (key) DO UPDATE SET
        fence = CASE
          WHEN s.fence BETWEEN excluded.fence AND 9007199254740990 THEN s.fence + 1 ELSE excluded.fence
        END,
        lease_owner = excluded.lease_owner, lease_taken = excluded.lease_taken, lease_until = excluded.lease_until,
        used_at = excluded.used_at
      WHERE s.lease_owner = excluded.lease_owner OR NOT ${isHeld('excluded.lease_taken')}
      RETURNING s.fence::text AS fence, ${record}`,
    release: `
      UPDATE ${table} AS s SET lease_owner = NULL
      WHERE s.key = $1::text AND s.lease_owner = $2::text AND s.fence::text = $3::text`,
    list: `
      SELECT s.key AS key, coalesce(s.long_key, s.key) AS name FROM ${table} AS s
      WHERE s.key > $1::text AND num_nonnulls(s.rev, s.epoch, s.data) > 0
      ORDER BY s.key LIMIT ${listedAtOnce}`,
    // With SKIP LOCKED, it never waits, and two concurrent deletions delete different rows.
    deleteUnused: `
      WITH unused AS (
        SELECT s.key FROM ${table} AS s
        WHERE s.used_at < statement_timestamp() - $1::text::double precision * interval '1 millisecond'
          AND NOT ${isHeld('statement_timestamp()')}
        ORDER BY s.used_at LIMIT ${deletedAtOnce} FOR UPDATE SKIP LOCKED
      )
      DELETE FROM ${table} AS s USING unused WHERE s.key = unused.key RETURNING ${notify}`,
    notify: `SELECT pg_notify('${channel}', $1::text)::text AS notified`,
  }
}

/** The beginning of a payload that has the stored key of a changed record. */
export const changePrefix = 'key:'

// The revision as text: 0 if the row has no record, -1 if it is damaged.
const storedRev = `(CASE
  WHEN s.rev BETWEEN 1 AND 9007199254740991 THEN s.rev::text
  WHEN num_nonnulls(s.rev, s.epoch, s.data) = 0 THEN '0' ELSE '-1'
END)`

/**
 * Returns an expression for whether an owner holds the lease at a time. A lease that was taken in the future was timed by
 * another clock, for example before a failover.
 */
function isHeld(now: string): string {
  return `coalesce(s.lease_owner IS NOT NULL AND s.lease_until > ${now}
    AND s.lease_taken <= ${now} + ${clockTolerance} AND s.lease_until <= ${now} + ${maxDuration}, false)`
}
