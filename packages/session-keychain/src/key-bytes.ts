import { toBase64 } from '@pds/core/internal'

/** A key for AES-256. */
export type Key = Uint8Array

/** Creates a key of 32 random bytes. */
export function createKey(): Key {
  return crypto.getRandomValues(new Uint8Array(32))
}

/** Returns a key as text. */
export function encodeKey(key: Key): string {
  return toBase64(key)
}

/** Returns the key in a text, or undefined if the text is not one of `encodeKey`. */
export function decodeKey(text: unknown): Key | undefined {
  if (typeof text !== 'string' || !/^[A-Za-z0-9+/]{43}=$/.test(text)) return undefined
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}
