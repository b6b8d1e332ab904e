/**
 * Keeps one PDS token fresh for any number of callers, processes and machines.
 *
 * @module
 * @mergeModuleWith <project>
 */

export type {
  SessionCommitLostMessage,
  SessionMessage,
  SessionRenewalMessage,
  SessionRenewalReason,
  SessionStoreFailureMessage,
} from './diagnostics/session-message.ts'
export { createSessions } from './pool/create-sessions.ts'
export type {
  SessionEntry,
  Sessions,
  SessionsEvents,
  SessionsListener,
  SessionsOptions,
  SessionsStats,
  WarmOptions,
  WarmProgress,
  WarmResult,
} from './pool/sessions.ts'
export {
  type ConditionalStoreOptions,
  conditionalStore,
  type ListedKey,
  type VersionedValue,
} from './record/conditional-store.ts'
export { type EncryptionKey, encryptedStore } from './record/encrypted-store.ts'
export { type MemoryStoreOptions, memoryStore } from './record/memory-store.ts'
export type { LoginRequiredCause } from './record/session-state.ts'
export type { LeaseHolder, Store, StoredRecord, StoreLease, StoreRecord, StoreScope } from './record/store.ts'
export { createSession } from './session/create-session.ts'
export type { GetTokenOptions, Session } from './session/session.ts'
export type { SessionEvents, SessionListener } from './session/session-events.ts'
export type { SessionOptions } from './session/session-options.ts'
export type { SessionStatus, SessionUser } from './session/session-status.ts'
