import type { Store, StoredRecord } from './store.ts'

/**
 * Creates a store in the memory of one session, which shares its token with no other session. Only this session writes
 * the record, so it always gets the lease and need not be told of changes. Keys make no difference.
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
