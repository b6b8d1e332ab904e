/** Returns undefined: browsers do not report why a connection failed. */
export function systemCode(_error: unknown): string | undefined {
  return undefined
}

/** Returns false: without a reported reason, the connection may have been made. */
export function neverConnected(_error: unknown): boolean {
  return false
}

/** Does nothing: browsers send their own user agent. */
export function setUserAgent(_headers: Headers): void {}

/**
 * Calls a function when a signal is aborted. Returns a function that cancels this.
 *
 * Only Node.js warns about many listeners on a signal, so here each call adds a listener.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  signal.addEventListener('abort', callback)
  return () => signal.removeEventListener('abort', callback)
}

/** Returns the same hint for all unsupported options: the README lists the replacement of each. */
export function replacementFor(_name: string, known: readonly string[]): string {
  return `the options are ${known.join(', ')}; for options of axios, see the README of @pds/core`
}
