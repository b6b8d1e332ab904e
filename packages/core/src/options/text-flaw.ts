/**
 * Returns why a text cannot be an id, a code, a secret or a token, for example `ends with a line break`, or undefined.
 *
 * Such characters come from a file, a terminal or a copied page, and the service would report a token with one as
 * spent. Whitespace inside is allowed (RFC 6749 appendix A).
 */
export function textFlaw(text: string): string | undefined {
  if (text.trimEnd() !== text) return `ends with ${kindOf(text.slice(-1))}`
  if (text.trimStart() !== text) return `starts with ${kindOf(text.slice(0, 1))}`
  // A lone surrogate would be sent as U+FFFD, so that two ids become equal.
  const [character] = /[\p{Cc}\p{Cs}]/u.exec(text) ?? []
  return character && `contains ${kindOf(character)}`
}

function kindOf(character: string): string {
  if (/[\n\r]/.test(character)) return 'a line break'
  if (character === '\ufeff') return 'a byte order mark'
  if (/\p{Cc}/u.test(character)) return 'a control character'
  return /\s/.test(character) ? 'whitespace' : 'half of a surrogate pair'
}
