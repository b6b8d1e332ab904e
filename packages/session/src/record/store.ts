/**
 * Who shares the records of a store: the sessions of one process, the tabs and workers of one origin, the processes of
 * one machine, or several machines.
 */
export type StoreScope = 'process' | 'origin' | 'machine' | 'cluster'

/** The record that a session writes to its store. A store treats `data` as opaque text. */
export interface StoreRecord {
  /** Counts the sign-ins and sign-outs. A refresh that began in another epoch must not write its token. */
  readonly epoch: number
  /** The state of the session: JSON, or its encrypted form from `encryptedStore`. Up to about 100,000 characters. */
  readonly data: string
}

/** The record that a store holds under a key. */
export interface StoredRecord extends StoreRecord {
  /** The revision: 1 for the first record of a key, and one higher after each write. */
  readonly rev: number
}

/**
 * The contract between sessions and a store. The tests of `@pds/session/testing` check that a store fulfils it.
 *
 * A key is any non-empty string. Each method rejects if the store fails; the session may then call it again.
 */
export interface Store {
  /** Who shares the records. */
  readonly scope: StoreScope
  /** Returns the last record that was written under a key (linearizable), or undefined if the key has no record. */
  read(key: string): Promise<StoredRecord | undefined>
  /**
   * Writes a record with the next revision if the stored record still has the revision `expectedRev` (0: if the key has
   * no record). Otherwise changes nothing.
   *
   * @returns Whether the record was written. It must survive every crash that the scope survives: with the scope
   * `machine`, the crash of a process.
   */
  compareAndSet(key: string, record: StoreRecord, expectedRev: number): Promise<boolean>
  /**
   * Grants the lease of a key to an owner for `ttl` milliseconds. An owner that already holds the lease gets a new
   * one. An expired lease counts as released.
   *
   * @returns A fencing token, higher than every earlier one of this key; undefined if another owner holds the lease.
   */
  lease(key: string, owner: string, ttl: number): Promise<number | undefined>
  /** Releases a lease. Does nothing if the key's current lease has another owner or fencing token. */
  release(key: string, owner: string, fence: number): Promise<void>
  /**
   * Calls a function, without arguments, when the record of a key may have changed, also if another process changed it.
   * Returns a function that stops the calls. A store that cannot detect changes omits this method.
   */
  watch?(key: string, changed: () => void): () => void
}
