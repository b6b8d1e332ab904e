import { postgresError, sqlStateOf } from './postgres-error.ts'
import { type PostgresQuery, rowsOf } from './query.ts'
import type { TableNames } from './table.ts'

// Another process has created the same object at the same time: duplicate table, object and key of a catalog.
const concurrentCreation = ['42P07', '42710', '23505']
// Undefined table and column.
const incomplete = ['42P01', '42703']
// An attempt fails only if another process has created one of the objects.
const maxTries = 10

/**
 * Returns the statements that create the table and its index.
 *
 * A row has a record (`rev`, `epoch`, `data`), a lease (`fence`, `lease_*`) or both, so every other column may be null.
 * The order of the keys must not depend on the locale: `list` pages by it.
 */
export function schemaStatements({ table, index }: TableNames): string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${table} (
  key text COLLATE "C" PRIMARY KEY,
  long_key text,
  rev bigint,
  epoch bigint,
  data text,
  write_id text,
  fence bigint,
  lease_owner text,
  lease_taken timestamptz,
  lease_until timestamptz,
  used_at timestamptz NOT NULL
)`,
    `CREATE INDEX IF NOT EXISTS ${index} ON ${table} (used_at)`,
  ]
}

/**
 * Creates the table and its index if they are missing. Several processes may call it at the same time.
 *
 * It changes nothing if both exist, so it then needs no permission to create and waits for no lock.
 */
export async function createTable(query: PostgresQuery, names: TableNames): Promise<void> {
  try {
    if (await isComplete(query, names).catch(isIncomplete)) return
    for (const statement of schemaStatements(names)) await create(query, statement)
    await isComplete(query, names)
  } catch (reason) {
    throw postgresError(reason, [])
  }
}

/** Returns whether the index exists. Throws the error of the server if the table or a column is missing. */
async function isComplete(query: PostgresQuery, { table, qualifiedIndex }: TableNames): Promise<boolean> {
  const columns =
    'key, long_key, rev, epoch, data, write_id, fence, lease_owner, lease_taken, lease_until, used_at'
  const rows = rowsOf(
    await query(
      `SELECT (to_regclass($1::text) IS NOT NULL)::text AS complete, EXISTS (SELECT ${columns} FROM ${table})::text AS used`,
      [qualifiedIndex],
    ),
  )
  return rows[0]?.complete === 'true'
}

function isIncomplete(reason: unknown): false {
  if (incomplete.includes(sqlStateOf(reason) ?? '')) return false
  throw reason
}

async function create(query: PostgresQuery, statement: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await query(statement, [])
      return
    } catch (reason) {
      if (!concurrentCreation.includes(sqlStateOf(reason) ?? '') || tries === maxTries) throw reason
    }
  }
}
