import { maxTimerDelay, withTimeout } from '@pds/core/internal'

/* Helpers over the functions of the browser that may be missing or denied. */

/** Checks whether this is a page, and neither a worker nor a server. */
export function isPage(): boolean {
  return typeof document === 'object'
}

/** Returns undefined if the browser has no such feature, or denies it. */
export function ifAllowed<T>(get: () => T): T | undefined {
  try {
    return get()
  } catch {
    return undefined
  }
}

/** Opens a channel to the other tabs. Returns undefined if the browser has none, or denies it together with the storage. */
export function openChannel(name: string): BroadcastChannel | undefined {
  return ifAllowed(() => new BroadcastChannel(name))
}

/** Returns the name of a lock or item of the origin. Different parts always result in different names. */
export function idOf(...parts: readonly string[]): string {
  return JSON.stringify(parts)
}

/** Waits for a Web Lock, at most for `timeout` milliseconds. Returns the function that frees it. */
export function holdLock(name: string, mode: LockMode, timeout: number = maxTimerDelay): Promise<() => void> {
  return withTimeout(
    timeout,
    (signal) =>
      new Promise((resolve, reject) => {
        // The lock is held until this promise is resolved, so its `resolve` frees the lock.
        navigator.locks.request(name, { mode, signal }, () => new Promise<void>(resolve)).catch(reject)
      }),
  )
}

/** Returns the names of the Web Locks that the pages and workers of the origin hold. */
export async function heldLocks(): Promise<(string | undefined)[]> {
  const { held } = (await navigator.locks.query()) as Required<LockManagerSnapshot>
  return held.map(({ name }) => name)
}
