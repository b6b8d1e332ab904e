import { type ConditionalStoreOptions, conditionalStore, type Store } from '@pds/session'

type Options = ConditionalStoreOptions<number>
type Database = { [Name in 'get' | 'put' | 'delete' | 'list' | 'watch']: NonNullable<Options[Name]> }

/** A database in memory, which tests can inspect and make fail. */
export interface MemoryDatabase extends Database {
  /** The values by their names, as a map in the order of their first writes. */
  readonly entries: Map<string, { value: string; version: number }>
  /** The calls of the database, for example `put pds`. */
  readonly calls: string[]
  /** Opens a store over this database, with further options. */
  open(options?: Partial<Options>): Store
}

/** Creates an empty database. */
export function memoryDatabase(): MemoryDatabase {
  const entries: MemoryDatabase['entries'] = new Map()
  const watchers = new Map<string, Set<() => void>>()
  const calls: string[] = []
  let writes = 0
  const database: MemoryDatabase = {
    entries,
    calls,
    async get(key) {
      calls.push(`get ${key}`)
      return entries.get(key)
    },
    async put(key, value, ifVersion) {
      calls.push(`put ${key}`)
      if (entries.get(key)?.version !== ifVersion) return false
      entries.set(key, { value, version: ++writes })
      for (const changed of watchers.get(key) ?? []) changed()
      return true
    },
    async delete(key, ifVersion) {
      calls.push(`delete ${key}`)
      return entries.get(key)?.version === ifVersion && entries.delete(key)
    },
    async *list() {
      for (const [key, { value }] of [...entries]) yield { key, value }
    },
    watch(key, changed) {
      const watching = watchers.get(key) ?? new Set()
      watchers.set(key, watching.add(changed))
      return () => watching.delete(changed)
    },
    open: (options) => conditionalStore<number>({ get: database.get, put: database.put, ...options }),
  }
  return database
}
