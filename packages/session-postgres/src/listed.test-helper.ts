import type { PostgresStore } from '@pds/session-postgres'

/** Returns the keys that a store lists. */
export async function listed(store: PostgresStore): Promise<string[]> {
  const keys: string[] = []
  for await (const key of store.list()) keys.push(key)
  return keys
}
