import type { Store, StoredRecord } from './store.ts'

/**
 * Creates a store in memory for a single session. Only that session writes the record, so it always gets the lease and
 * need not be told of changes. Keys make no difference.
 */
export function privateStore(): Store {
  let record: StoredRecord | undefined
  return {
    scope: 'process',
    read: async () => record,
    async compareAndSet(_key, { epoch, data }, expectedRev) {
      if ((record?.rev ?? 0) !== expectedRev) return false
      record = { epoch, data, rev: expectedRev + 1 }
      return true
    },
    lease: async () => ({ fence: 0, record }),
    release: async () => undefined,
    watch: () => () => undefined,
    isWatching: () => true,
  }
}
