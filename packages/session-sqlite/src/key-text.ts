/**
 * Returns the text that the database stores for a key. No two keys have the same text, and an ordinary key is its own
 * text.
 *
 * UTF-8 encodes every lone surrogate as the same replacement character. A lone surrogate is therefore written as its
 * four hexadecimal digits after U+FDD0, a character that Unicode reserves for such internal use.
 */
export function keyText(key: string): string {
  return key.replace(
    /[\p{Surrogate}\uFDD0]/gu,
    (char) => `\uFDD0${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Returns the key of a text from `keyText`. */
export function keyOfText(text: string): string {
  return text.replace(/\uFDD0([\da-f]{4})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
}
