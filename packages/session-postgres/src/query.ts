import { postgresError, sqlStateOf } from './postgres-error.ts'

/** The rows of a statement: an array (`postgres`), or an object that has them (`pg`, PGlite). */
export type PostgresResult =
  | readonly object[]
  | {
      /** The rows, as objects. */
      readonly rows: readonly object[]
    }

/**
 * Runs one SQL statement with the parameters `$1`, `$2` and so on, each a text, and returns its rows.
 *
 * Each statement must be a separate transaction. Behind a pooler such as PgBouncer, it must not be a named prepared
 * statement.
 */
export type PostgresQuery = (text: string, params: string[]) => PromiseLike<PostgresResult>

/** A row whose columns all have the type TEXT. */
export type Row = Readonly<Record<string, unknown>>

/** Runs a statement. Throws a plain `Error` that contains no parameter. */
export type Run = (text: string, params?: readonly string[]) => Promise<readonly Row[]>

// More failures in a row mean that something else is wrong.
const maxTries = 20

/**
 * Creates a function that runs statements, and retries those that the server rolled back because of a concurrent
 * statement. This happens only if the default isolation level of the user is REPEATABLE READ or SERIALIZABLE.
 */
export function statementRunner(query: PostgresQuery): Run {
  return async (text, params = []) => {
    for (let tries = 1; ; tries++) {
      try {
        return rowsOf(await query(text, [...params]))
      } catch (reason) {
        if (isRolledBack(reason) && tries < maxTries) continue
        throw postgresError(reason, params)
      }
    }
  }
}

/** Checks for a serialization failure and a deadlock. */
function isRolledBack(reason: unknown): boolean {
  return ['40001', '40P01'].includes(sqlStateOf(reason) ?? '')
}

/** Returns the rows of a result. */
export function rowsOf(result: unknown): readonly Row[] {
  const rows = Array.isArray(result) ? result : (Object(result) as { rows?: unknown }).rows
  if (!Array.isArray(rows)) {
    throw new TypeError(
      'query must return the rows of the statement: an array, or an object with an array `rows`',
    )
  }
  return rows
}
