/** Browsers do not say why a connection failed. */
export function systemCode(_error: unknown): string | undefined {
  return undefined
}

/** So it may have been made. */
export function neverConnected(_error: unknown): boolean {
  return false
}

/** Browsers have a name of their own. */
export function setUserAgent(_headers: Headers): void {}

/** No more than ten callbacks of one signal are a leak to Node.js alone. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  signal.addEventListener('abort', callback)
  return () => signal.removeEventListener('abort', callback)
}

/** One sentence for all of them: what replaces each is in the README. */
export function replacementFor(_name: string, known: readonly string[]): string {
  return `there are ${known.join(', ')}; for options of axios, see the README of @pds/core`
}
