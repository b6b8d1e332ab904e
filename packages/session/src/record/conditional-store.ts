import { checkOptions, functionOption, type OptionValidator, sanitizeError } from '@pds/core/internal'
import { databaseKey, keyOfDatabaseKey } from './database-key.ts'
import { type DatabaseLease, type DatabaseValue, formatValue, parseValue } from './database-value.ts'
import type { Store, StoreLease, StoreRecord, StoreScope } from './store.ts'

/** A value of a database with its version. */
export interface VersionedValue<Version> {
  /** The text that `put` has written. */
  value: string
  /** Changes with each write of the key, and never returns. */
  version: Version
}

/** A key that a database lists. */
export interface ListedKey {
  /** The key, as `put` has received it. */
  key: string
  /** The value of the key, if the database has read it. */
  value?: string | undefined
}

/** The options of `conditionalStore`: the calls of a database. `Version` is the type of its versions. */
export interface ConditionalStoreOptions<Version = unknown> {
  /**
   * Returns the value of a key with its version, or undefined if the key has none. It must be linearizable: it returns
   * the last value that was written, and not an older value of a replica or a cache.
   *
   * A version is anything that changes with each write and never returns, not even after the key was deleted: a number of
   * the whole database, a random id for each write, or a hash of the value, because the store writes no value twice.
   */
  get(key: string): Promise<VersionedValue<Version> | undefined>
  /**
   * Writes the value of a key if the key still has the version `ifVersion`. With undefined, it writes only if the key has
   * no value. Comparison and write are one atomic operation of the database, and the write survives its crash.
   *
   * Returns whether it wrote the value: false if the version differs. Rejects if the database fails; the value may have
   * been written even then.
   */
  put(key: string, value: string, ifVersion: Version | undefined): Promise<boolean>
  /**
   * Deletes a key if it still has the version `ifVersion`. The store calls it only for keys that were leased and never
   * written, so that such keys take no room. It ignores the result and errors. Default: these keys stay.
   */
  delete?: ((key: string, ifVersion: Version) => Promise<unknown>) | undefined
  /**
   * Returns the keys of this store in any order, with their values if the database reads them anyway. The store reads the
   * other values one at a time. Default: the store cannot list its keys.
   */
  list?: (() => AsyncIterable<ListedKey>) | undefined
  /**
   * Calls a function when the value of a key may have changed, and returns a function that stops the calls. It is a hint:
   * sessions read the store every 5 seconds all the same. Default: sessions notice a change at their next read.
   */
  watch?: ((key: string, changed: () => void) => () => void) | undefined
  /** Who shares the records. Default: `cluster`. */
  scope?: StoreScope | undefined
  /** The clock that times leases, in milliseconds since the Unix epoch. Default: `Date.now`. */
  clock?: (() => number) | undefined
  /**
   * By how much the clocks of two machines may differ, in milliseconds. The lease of a killed process ends that much
   * later. Default: 1000, enough for machines whose clocks NTP synchronizes.
   */
  clockTolerance?: number | undefined
}

// So many conflicts in a row mean that the database does not compare versions as it should.
const maxAttempts = 20
// The longest pause after a conflict, in milliseconds.
const maxPause = 200
// How many keys without a record the store remembers for their deletion.
const maxUnused = 1000

const requiredFunction: OptionValidator = {
  wants: 'a function',
  accepts: (value) => typeof value === 'function',
  isRequired: true,
}

const scopeOption: OptionValidator = {
  wants: "'process', 'origin', 'machine' or 'cluster'",
  accepts: (value) => ['process', 'origin', 'machine', 'cluster'].includes(value as string),
}

const toleranceOption: OptionValidator = {
  wants: 'a non-negative number of milliseconds',
  accepts: (value) => Number.isFinite(value) && (value as number) >= 0,
}

/** A decision about a value that was read: the result, and the value that must be written for it. */
interface Change<T> {
  result: T
  value?: DatabaseValue
}

/**
 * Creates a store from a database that reads and conditionally writes single values: DynamoDB, etcd, Deno KV, Cosmos DB,
 * object storage, and others.
 *
 * **Values.** Each key has one value, a JSON text with the record and the lease. It usually has a few kilobytes, and at
 * most about 200,000 characters.
 *
 * **Keys.** Letters, digits, `_`, `-` and inner dots of a key stay unchanged. Every other UTF-16 code unit becomes
 * `=` and 2 hexadecimal digits, or `=u` and 4 outside of ASCII: `ann@example.com#1` becomes `ann=40example.com=231`. A
 * key is thus at most 6 times as long as before. The database must distinguish upper and lower case.
 *
 * **Clocks.** The processes time the leases with their own clocks. Another owner's lease counts as held until its end
 * plus `clockTolerance`. A lease that ends later than its whole duration plus `clockTolerance` from now is over: a wrong
 * clock wrote it. If two clocks differ by more than `clockTolerance`, a process may take a lease that is still held. Two
 * processes may then spend the same refresh token, which can sign the user out. The records stay correct: only the
 * comparison of versions decides which write succeeds.
 *
 * **Failures.** A conflict with a write that keeps the revision, such as a lease, is retried after a short pause. If `put`
 * rejects, or returns false because the database's client retried it, the store reads the value and recognizes its own
 * write. A call rejects with an `Error` that has the name and the redacted message of the database's error. A damaged
 * value rejects no call: it is returned with an `error`, and `setToken` and `signOut` replace it.
 *
 * Test your store with `storeTests` of `@pds/session/testing`.
 *
 * @throws A `PDSError` with code `InvalidParameter` for an unknown, missing or invalid option.
 * @example
 * ```ts
 * import { conditionalStore } from '@pds/session'
 *
 * // The database: a map in this process. Each write has another version.
 * const entries = new Map<string, { value: string; version: number }>()
 * let writes = 0
 * export const store = conditionalStore<number>({
 *   get: async (key) => entries.get(key),
 *   async put(key, value, ifVersion) {
 *     if (entries.get(key)?.version !== ifVersion) return false
 *     entries.set(key, { value, version: ++writes })
 *     return true
 *   },
 * })
 * ```
 */
export function conditionalStore<Version>(options: ConditionalStoreOptions<Version>): Store {
  const database = checkOptions('conditionalStore', options, {
    get: requiredFunction,
    put: requiredFunction,
    delete: functionOption,
    list: functionOption,
    watch: functionOption,
    scope: scopeOption,
    clock: functionOption,
    clockTolerance: toleranceOption,
  })
  const { scope = 'cluster', clock = Date.now, clockTolerance = 1000 } = database
  /** The names of keys that were left without a record, with the time from which they may be deleted. */
  const unused = new Map<string, number>()

  async function read(name: string): Promise<{ value: DatabaseValue; version?: Version }> {
    const found = await sanitized(() => database.get(name))
    // Some databases return null for a missing key.
    if (found === undefined || found === null) return { value: { fence: 0 } }
    const { version, value } = Object(found)
    if (version === undefined) throw new Error('conditionalStore: get returned a value without a version')
    return { value: parseValue(value), version }
  }

  /** Writes what a decision says about the value of a key, and decides again after a conflict. Returns the result. */
  async function update<T>(name: string, decide: (value: DatabaseValue) => Change<T>): Promise<T> {
    let failure: { reason: unknown } | undefined
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (attempt > 1) await pause(attempt)
      const stored = await read(name)
      const { result, value } = decide(stored.value)
      if (!value) return result
      // The value has not changed, so the write that failed did not take place, or not yet.
      if (failure) throw failure.reason
      const text = formatValue(value)
      const secrets = [text, value.record?.data ?? '']
      let isWritten = false
      try {
        isWritten = await sanitized(() => database.put(name, text, stored.version), secrets)
      } catch (reason) {
        failure = { reason }
      }
      if (isWritten === true) return result
      if (isWritten !== false) throw new Error('conditionalStore: put must return true or false')
    }
    throw new Error(
      `conditionalStore: ${maxAttempts} writes in a row had a conflict: check that get is linearizable, and that put compares the version that get returned`,
    )
  }

  function isHeld({ until, ttl }: DatabaseLease): boolean {
    const left = until - clock()
    return left > -clockTolerance && left <= ttl + clockTolerance
  }

  /** Deletes keys that have neither a record nor a lease: two for each key that is added, so that their number falls. */
  async function deleteUnused(): Promise<void> {
    for (const [name, due] of [...unused].slice(0, 2)) {
      if (due > clock() && unused.size <= maxUnused) return
      unused.delete(name)
      const { value, version } = await read(name)
      // Earlier, a process whose clock is behind could then take a lease with a lower fencing token.
      const isUnused = !value.record && !value.lease && value.fence + clockTolerance < clock()
      if (isUnused && version !== undefined) await database.delete?.(name, version)
    }
  }

  return {
    scope,
    async read(key) {
      return (await read(databaseKey(key))).value.record
    },
    async compareAndSet(key, record, expectedRev, release) {
      // A copy: the caller may change its object.
      const { epoch, data }: StoreRecord = record
      const write = crypto.randomUUID()
      return update<boolean>(databaseKey(key), (value) => {
        if (value.write === write) return { result: true }
        if ((value.record?.rev ?? 0) !== expectedRev) return { result: false }
        const isReleased = release && isHolder(value, release.owner, release.fence)
        const lease = isReleased ? undefined : value.lease
        const record = { epoch, data, rev: nextRev(expectedRev) }
        return { result: true, value: { record, write, lease, fence: value.fence } }
      })
    },
    async lease(key, owner, ttl) {
      const write = crypto.randomUUID()
      return update<StoreLease | undefined>(databaseKey(key), (value) => {
        const { lease, record } = value
        if (lease?.write === write) return { result: { fence: value.fence, record } }
        if (lease && lease.owner !== owner && isHeld(lease)) return { result: undefined }
        const now = Math.ceil(clock())
        const next = Math.max(value.fence + 1, now)
        const fence = Number.isSafeInteger(next) ? next : now
        const taken = { owner, until: now + Math.ceil(ttl), ttl: Math.ceil(ttl), write }
        return { result: { fence, record }, value: { ...value, lease: taken, fence } }
      })
    },
    async release(key, owner, fence) {
      const name = databaseKey(key)
      const isUnused = await update<boolean>(name, (value) => {
        if (!isHolder(value, owner, fence)) return { result: false }
        return { result: !value.record, value: { ...value, lease: undefined } }
      })
      if (!database.delete) return
      if (isUnused) unused.set(name, fence + clockTolerance + 1)
      await deleteUnused().catch(() => undefined)
    },
    ...(database.watch && {
      watch: (key: string, changed: () => void) => database.watch?.(databaseKey(key), () => changed()),
    }),
    ...(database.list && {
      async *list() {
        try {
          for await (const { key: name, value } of database.list?.() ?? []) {
            const key = keyOfDatabaseKey(name)
            if (key === undefined) continue
            const found = value === undefined ? (await read(name)).value : parseValue(value)
            if (found.record) yield key
          }
        } catch (reason) {
          throw sanitizeError(reason)
        }
      },
    }),
  } as Store
}

function isHolder({ lease, fence: current }: DatabaseValue, owner: string, fence: number): boolean {
  return lease?.owner === owner && current === fence
}

/** Returns the revision of the write that replaces a revision. It is never 0, which means that a key has no record. */
function nextRev(rev: number): number {
  return rev < 1 || rev >= Number.MAX_SAFE_INTEGER ? 1 : rev + 1
}

/** Makes a call of the database. Its errors may contain the request, so only their redacted messages are passed on. */
async function sanitized<T>(call: () => Promise<T>, secrets: readonly string[] = []): Promise<T> {
  try {
    return await call()
  } catch (reason) {
    throw sanitizeError(reason, secrets)
  }
}

/** Waits for a random time, so that processes that conflicted do not conflict again. */
function pause(attempt: number): Promise<void> {
  const longest = Math.min(2 ** attempt, maxPause)
  return new Promise((resolve) => setTimeout(resolve, Math.random() * longest))
}
