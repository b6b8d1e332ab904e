import { memoryStore } from '@pds/session'

/** Opens a memory store, instead of `open-store.mjs`. */
export async function openStore() {
  return { store: memoryStore(), close() {} }
}
