import { invalidParameter } from '@pds/core/internal'
import { type Connection, openConnection } from './connection.ts'
import { isLocked, isStale, maxWait, storeError } from './store-error.ts'
import type { Watchers } from './watchers.ts'

/** A call of the store. */
export interface Call<Result> {
  /** A text from `keyText`. */
  key: string
  isWrite: boolean
  /** Runs the call in a transaction. May run again if the transaction did not succeed. */
  run: (connection: Connection) => Result
  /** Is called after the transaction, before the caller gets the result. */
  done?: ((result: Result) => void) | undefined
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

interface QueuedCall extends Call<unknown> {
  /** When the call was made, by `performance.now`. */
  since: number
  result?: unknown
  failure?: { error: unknown } | undefined
}

// The calls of a transaction take this long, in milliseconds. The event loop also waits for the commit of writes.
const readTime = 5
const writeTime = 10
// How many callers go on in one turn of the event loop. Each of them then does some work.
const maxSettled = 200

/**
 * Runs the calls of a store. All writes of one turn of the event loop share a transaction, because its commit takes much
 * longer than a write. Waits for the locks of other processes without blocking the event loop.
 */
export class CallQueue {
  readonly #file: string
  readonly #watchers: Watchers
  readonly #reads: QueuedCall[] = []
  /** The writes, and the reads that follow a write of their key. */
  readonly #writes: QueuedCall[] = []
  /** How many writes of a key wait. */
  readonly #writesOfKey = new Map<string, number>()
  #connection: Connection | undefined
  #isScheduled = false
  #isClosed = false
  #isWriteNext = false
  /** Runs while another connection holds the lock. */
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  /** The calls that have ended, before their callers know. */
  readonly #ended: QueuedCall[] = []
  /** How many calls the next transaction may have. */
  #limit = Number.POSITIVE_INFINITY

  constructor(file: string, watchers: Watchers) {
    this.#file = file
    this.#watchers = watchers
  }

  /** The connection, if the file is open. */
  get connection(): Connection | undefined {
    return this.#connection
  }

  add<Result>({ key, isWrite, run, done, resolve, reject }: Call<Result>): void {
    if (this.#isClosed) {
      reject(closed())
      return
    }
    const count = this.#writesOfKey.get(key) ?? 0
    if (isWrite) this.#writesOfKey.set(key, count + 1)
    const queue = isWrite || count > 0 ? this.#writes : this.#reads
    const call: Call<Result> & { since: number } = {
      key,
      isWrite,
      run,
      done,
      resolve,
      reject,
      since: performance.now(),
    }
    queue.push(call as QueuedCall)
    this.#schedule()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#retryTimer)
    this.#connection?.close()
    this.#connection = undefined
    for (const queue of [this.#reads, this.#writes]) this.#end(queue, 0, queue.length, { error: closed() })
    settle(this.#ended.splice(0))
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    // A runtime without `setImmediate` has no SQLite either: the call will say so.
    const { setImmediate = (run: () => void) => setTimeout(run, 0) } = globalThis
    setImmediate(() => {
      this.#isScheduled = false
      this.#flush()
    })
  }

  /** Runs one transaction, and lets some callers go on. Other work of the process gets its turn before the next ones. */
  #flush(): void {
    let lock: unknown
    let isWrite = false
    if (this.#ended.length === 0) {
      isWrite = this.#reads.length === 0 || (this.#isWriteNext && this.#writes.length > 0)
      this.#isWriteNext = !isWrite
      lock = this.#transact(isWrite ? this.#writes : this.#reads, isWrite)
      if (lock) this.#retryLater(lock)
    }
    settle(this.#ended.splice(0, maxSettled))
    // While writes wait for a lock, reads go on.
    const reads = lock && !isWrite ? 0 : this.#reads.length
    const writes = this.#retryTimer ? 0 : this.#writes.length
    if (this.#ended.length + reads + writes > 0) this.#schedule()
  }

  /** Runs calls in one transaction. Returns the error of SQLite if another connection holds the lock. */
  #transact(queue: QueuedCall[], isWrite: boolean): unknown {
    for (let isReopened = false; queue.length > 0; isReopened = true) {
      // The calls that an error concerns: all, then the one that runs, then those that ran.
      let [start, count] = [0, queue.length]
      let changed: string[] | undefined = []
      try {
        const connection = this.#connect()
        connection.assertCurrent()
        connection.begin(isWrite)
        if (isWrite) changed = connection.changes.read()
        const until = performance.now() + (isWrite ? writeTime : readTime)
        count = 1
        for (const call of queue.slice(0, this.#limit)) {
          call.result = call.run(connection)
          start++
          if (performance.now() >= until) break
        }
        ;[start, count] = [0, start]
        const skipOwn = isWrite ? connection.changes.skipOwn() : undefined
        connection.commit()
        skipOwn?.()
        // A write to a deleted file is lost.
        if (isWrite) connection.assertCurrent()
      } catch (error) {
        this.#rollback()
        if (isLocked(error)) return error
        if (isStale(error)) {
          // Also after the second failure: while it is open, other processes may not be able to repair the log.
          this.#disconnect()
          if (!isReopened) continue
        }
        // The calls before a failed one run again without it.
        if (start > 0) this.#limit = start
        this.#end(queue, start, count, { error })
        return undefined
      } finally {
        this.#watchers.call(changed)
      }
      this.#limit = Number.POSITIVE_INFINITY
      this.#end(queue, 0, count)
      return undefined
    }
    return undefined
  }

  #connect(): Connection {
    this.#connection ??= openConnection(this.#file)
    return this.#connection
  }

  /** Closes a connection that cannot be used any more. The next call opens the file again. */
  #disconnect(): void {
    const connection = this.#connection
    this.#connection = undefined
    connection?.close()
    // The new file may have other records.
    this.#watchers.call()
  }

  #rollback(): void {
    try {
      this.#connection?.rollback()
    } catch {
      // There is no transaction, or SQLite has already rolled it back.
    }
  }

  #retryLater(error: unknown): void {
    const deadline = performance.now() - maxWait
    for (const queue of [this.#reads, this.#writes]) {
      const overdue = queue.filter(({ since }) => since <= deadline).length
      this.#end(queue, 0, overdue, { error })
    }
    if (this.#reads.length + this.#writes.length === 0) return
    // The jitter keeps processes that met at the lock from retrying at the same time.
    this.#retryTimer ??= setTimeout(
      () => {
        this.#retryTimer = undefined
        this.#flush()
      },
      5 + Math.random() * 20,
    )
  }

  /** Ends calls of a queue, with their results or an error. */
  #end(queue: QueuedCall[], start: number, count: number, failure?: { error: unknown }): void {
    const reason = failure && { error: storeError(failure.error, this.#file) }
    for (const call of queue.splice(start, count)) {
      call.failure = reason
      this.#ended.push(call)
      if (!call.isWrite) continue
      const others = (this.#writesOfKey.get(call.key) ?? 0) - 1
      if (others > 0) this.#writesOfKey.set(call.key, others)
      else this.#writesOfKey.delete(call.key)
    }
  }
}

/** Lets the callers go on. */
function settle(calls: readonly QueuedCall[]): void {
  for (const { done, resolve, reject, result, failure } of calls) {
    if (failure) {
      reject(failure.error)
    } else {
      done?.(result)
      resolve(result)
    }
  }
}

function closed(): Error {
  return invalidParameter('the store is closed')
}
