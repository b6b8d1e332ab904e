/** How long a call waits for the locks of others, in milliseconds. */
export const maxWait = 10_000

/**
 * Does something with SQLite, again and again while another process has the lock that it needs, `maxWait` from
 * `since` at most (in milliseconds of `performance.now`). Throws the error of the last attempt.
 *
 * SQLite could wait by itself, but would stop the whole process meanwhile.
 */
export async function retryWhileLocked<T>(attempt: () => T, since: number): Promise<T> {
  for (;;) {
    try {
      return attempt()
    } catch (error) {
      if (!isLocked(error) || performance.now() - since >= maxWait) throw error
    }
    // At random: processes that met at the lock must not meet there again.
    await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 20))
  }
}

/** SQLITE_BUSY and SQLITE_PROTOCOL, the second one where many have met at the lock. */
function isLocked(error: unknown): boolean {
  const errcode = error instanceof Error && 'errcode' in error && error.errcode
  return typeof errcode === 'number' && [5, 15].includes(errcode & 0xff)
}
