import { sha256 } from '@pds/core/internal'

// The escape character: Unicode reserves U+FDD0 for internal use.
const escapeChar = '\uFDD0'
// It ends the readable part of a long key. No escaped text contains it, because hexadecimal digits follow the escape.
const longMark = `${escapeChar}sha256:`
// In UTF-16 units, of at most 3 bytes each. An entry of an index has at most 2704 bytes.
const maxKeyLength = 500
const headLength = 200

/**
 * Returns a text in the form in which the table stores it. No two texts have the same form, and an ordinary text is its
 * own form.
 *
 * PostgreSQL stores no NUL, and UTF-8 encodes every lone surrogate as the same replacement character. Both are written
 * as their four hexadecimal digits after U+FDD0.
 */
export function escapeText(text: string): string {
  return text.replace(
    /[\0\uFDD0\p{Surrogate}]/gu,
    (char) => escapeChar + char.charCodeAt(0).toString(16).padStart(4, '0'),
  )
}

/** Returns the text of a form from `escapeText`. */
export function unescapeText(stored: string): string {
  return stored.replace(/\uFDD0([\da-f]{4})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** A key in the form in which the table stores it. */
export interface StoredKey {
  /** The primary key: the escaped key, or the beginning and the hash of a long key. */
  readonly key: string
  /** The whole escaped key if it is long, else an empty text. */
  readonly longKey: string
}

/** Returns the stored form of a key. The primary key fits into an index and a notification. */
export async function storedKey(key: string): Promise<StoredKey> {
  const escaped = escapeText(key)
  if (escaped.length <= maxKeyLength) return { key: escaped, longKey: '' }
  return { key: headOf(key) + longMark + (await sha256(escaped)), longKey: escaped }
}

/**
 * Returns the name by which watchers of a key are found, without waiting for a hash. Long keys with the same beginning
 * share it.
 */
export function watchName(key: string): string {
  const escaped = escapeText(key)
  return escaped.length <= maxKeyLength ? escaped : headOf(key) + longMark
}

/** Returns the `watchName` of a stored primary key. */
export function watchNameOf(stored: string): string {
  const end = stored.indexOf(longMark)
  return end === -1 ? stored : stored.slice(0, end + longMark.length)
}

function headOf(key: string): string {
  return escapeText(key.slice(0, headLength))
}
