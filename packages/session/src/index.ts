/**
 * In the reference these stand on the page of the package itself, beside its module `testing`.
 *
 * @module
 * @mergeModuleWith <project>
 */
export { createSession } from './create-session.ts'
export { type EncryptionKey, encrypted } from './encrypted.ts'
export { type MemoryStoreOptions, memoryStore } from './memory-store.ts'
export type { GetTokenOptions, Session } from './session.ts'
export type { SessionEvents, SessionListener } from './session-events.ts'
export type { SessionOptions } from './session-options.ts'
export type { LoginRequiredCause } from './session-state.ts'
export type { Store, StoredRecord, StoreRecord, StoreScope } from './store.ts'
