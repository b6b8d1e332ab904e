/** How long a call waits for the locks of other connections, in milliseconds. */
export const maxWait = 10_000

/**
 * Runs a call of SQLite, and retries it while another process holds the lock, until `maxWait` after `since`
 * (`performance.now()`, in milliseconds). Throws the error of the last attempt.
 *
 * The busy timeout of SQLite would block the event loop while it waits.
 */
export async function retryWhileLocked<T>(attempt: () => T, since: number): Promise<T> {
  for (;;) {
    try {
      return attempt()
    } catch (error) {
      if (!isLocked(error) || performance.now() - since >= maxWait) throw error
    }
    // The jitter keeps processes that met at the lock from retrying at the same time.
    await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 20))
  }
}

/** Checks for SQLITE_BUSY and for SQLITE_PROTOCOL, which SQLite returns when many connections compete for the lock. */
function isLocked(error: unknown): boolean {
  const errcode = error instanceof Error && 'errcode' in error && error.errcode
  return typeof errcode === 'number' && [5, 15].includes(errcode & 0xff)
}
