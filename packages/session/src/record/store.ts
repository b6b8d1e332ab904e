/** Who shares what a store keeps: this process, the tabs of one origin, the processes of one machine, or machines. */
export type StoreScope = 'process' | 'origin' | 'machine' | 'cluster'

/** What a session keeps. Stores do not look into `data`. */
export interface StoreRecord {
  /** Raised by each sign-in and sign-out: what began in another epoch must not be written. */
  readonly epoch: number
  /** The state of the session as text: JSON, or what `encryptedStore` made of it. Up to some 100 000 characters. */
  readonly data: string
}

/** What a store has under a key. */
export interface StoredRecord extends StoreRecord {
  /** 1 for the first record of a key, one more with each write. */
  readonly rev: number
}

/**
 * Keeps the sessions of a scope, for all who share it. `@pds/session/testing` checks that a store does what is said
 * here.
 *
 * Keys are any non-empty text. Each function rejects where the store fails, and may be called again then.
 */
export interface Store {
  /** Who shares what the store keeps. */
  readonly scope: StoreScope
  /** The record of a key, undefined where there is none: always the last one that was written (linearizable). */
  read(key: string): Promise<StoredRecord | undefined>
  /**
   * Writes a record where the stored one still has the revision `expectedRev` (0: where there is none), with the next
   * revision. Gives false, and changes nothing, where it has not. What was written outlives a crash, as far as the
   * scope does.
   */
  compareAndSet(key: string, record: StoreRecord, expectedRev: number): Promise<boolean>
  /**
   * Lends a key to one owner for a time in milliseconds. Gives a number that is higher than any given for the key
   * before, or undefined where another owner has it. Its own owner gets it anew. A lease whose time is over counts as
   * released.
   */
  lease(key: string, owner: string, ttl: number): Promise<number | undefined>
  /** Gives a lease back. Does nothing where it is not, or not any more, the one of this owner and number. */
  release(key: string, owner: string, fence: number): Promise<void>
  /**
   * Calls a function when the record of a key may have been changed, also by others who share the store; it is told
   * nothing, above all no token. Gives what ends that. Absent where a store cannot tell.
   */
  watch?(key: string, changed: () => void): () => void
}
