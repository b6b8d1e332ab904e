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
  /**
   * The revision: 1 for the first record of a key, and one higher after each write. -1 if the stored revision is
   * damaged. Each of them allows a write that replaces the record.
   */
  readonly rev: number
  /** Why the record cannot be read: it is damaged, or no key decrypts it. `data` is then empty. */
  readonly error?: Error | undefined
}

/** A lease that a store granted. */
export interface StoreLease {
  /** A fencing token, higher than every earlier one of this key. */
  readonly fence: number
  /** The record of the key at the moment when the lease was granted. Undefined if the key has no record. */
  readonly record: StoredRecord | undefined
}

/** The holder of a lease. */
export interface LeaseHolder {
  /** The owner that took the lease. */
  readonly owner: string
  /** The fencing token of the lease. */
  readonly fence: number
}

/**
 * The contract between sessions and a store. The tests of `@pds/session/testing` check that a store fulfils it.
 *
 * A key is any non-empty string. Each method rejects if the store fails; the session may then call it again.
 */
export interface Store {
  /** Who shares the records. */
  readonly scope: StoreScope
  /**
   * Returns the last record that was written under a key (linearizable), or undefined if the key has no record. A
   * damaged record is returned with its `error`: only a store that does not work rejects.
   */
  read(key: string): Promise<StoredRecord | undefined>
  /**
   * Writes a record with the next revision if the stored record still has the revision `expectedRev` (0: if the key has
   * no record, -1: if its revision is damaged). The same operation releases the lease of `release`, if that still is the
   * key's current lease. If the revision differs, it changes nothing.
   *
   * @returns Whether the record was written. It must survive every crash that the scope survives: with the scope
   * `machine`, the crash of a process.
   */
  compareAndSet(
    key: string,
    record: StoreRecord,
    expectedRev: number,
    release?: LeaseHolder,
  ): Promise<boolean>
  /**
   * Grants the lease of a key to an owner for `ttl` milliseconds. An owner that already holds the lease gets a new
   * one. An expired lease counts as released. So does a lease that ends later than its whole duration from now: a wrong
   * clock wrote it.
   *
   * @returns The lease, with the record that the key had at that moment. Undefined if another owner holds the lease.
   */
  lease(key: string, owner: string, ttl: number): Promise<StoreLease | undefined>
  /** Releases a lease. Does nothing if the key's current lease has another owner or fencing token. */
  release(key: string, owner: string, fence: number): Promise<void>
  /**
   * Calls a function, without arguments, when the record of a key may have changed, also if another process changed it.
   * Returns a function that stops the calls. A store that cannot detect changes omits this method.
   */
  watch?(key: string, changed: () => void): () => void
  /**
   * Returns whether the watchers of a key have been called for every change until now. While this is true, a session
   * uses the record that it knows and does not read it every 5 seconds. Must be fast: it is called every 5 seconds for
   * each session in use. It may call watchers before it returns. A store that cannot tell omits this method.
   */
  isWatching?(key: string): boolean
  /**
   * Returns whether the process or page that took leases as this owner has ended for certain, so that it writes nothing
   * any more. A store that cannot tell omits this method.
   */
  isOwnerGone?(owner: string): Promise<boolean>
  /**
   * Returns the keys that have a record, in any order, and reads them a few at a time. A key that is written or removed
   * during the call may be missing, and a key may occur twice. A store that cannot list its keys omits this method.
   */
  list?(): AsyncIterable<string>
}
