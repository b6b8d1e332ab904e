import { PDSError } from '@pds/core/internal'

/** Returns a random UUID. Throws `UnsupportedEnvironment` without WebCrypto, which browsers have in secure contexts only. */
export function randomId(): string {
  if (!globalThis.crypto?.randomUUID) {
    throw new PDSError(
      'a session needs crypto.randomUUID: serve the page over HTTPS, or set globalThis.crypto in React Native',
      { code: 'UnsupportedEnvironment', outcome: 'not-sent' },
    )
  }
  return crypto.randomUUID()
}
