/** What the beginning of a DER structure says about it. */
export interface DerStructure {
  /** The length of the whole structure, in bytes. */
  length: number
  /** The PEM label of this structure, or undefined for an unknown structure. */
  label: string | undefined
}

/**
 * Returns what a DER structure is, or undefined if the content is not a DER sequence. The content has one byte per
 * character, as from `atob`.
 *
 * The types are told apart by their first two elements. Sources: RFC 8017 appendix A.1 (PKCS#1), RFC 5958 (PKCS#8), RFC
 * 5915 (EC), RFC 5280 (public keys and certificates).
 */
export function identifyDer(content: string): DerStructure | undefined {
  const at = (index: number) => content.charCodeAt(index)
  if (at(0) !== sequence) return undefined
  const { start, end } = contents(content, 0)
  const second = contents(content, start).end
  const hasVersion = at(start) === integer && at(start + 1) === 1
  const labels = hasVersion ? versioned : at(start) === sequence ? unversioned : {}
  return { length: end, label: labels[at(second)] }
}

const integer = 0x02
const bitString = 0x03
const octetString = 0x04
const sequence = 0x30

// By the tag of the second element.
const versioned: Record<number, string> = {
  [integer]: 'RSA PRIVATE KEY',
  [sequence]: 'PRIVATE KEY',
  [octetString]: 'EC PRIVATE KEY',
}
const unversioned: Record<number, string> = {
  [octetString]: 'ENCRYPTED PRIVATE KEY',
  [bitString]: 'PUBLIC KEY',
  [sequence]: 'CERTIFICATE',
}

/** Returns where the contents of the element at `index` start and end (X.690 section 8.1.3). */
function contents(content: string, index: number): { start: number; end: number } {
  const first = content.charCodeAt(index + 1)
  const start = index + 2 + (first < 0x80 ? 0 : first - 0x80)
  let length = first < 0x80 ? first : 0
  for (let i = index + 2; i < start; i++) length = length * 256 + content.charCodeAt(i)
  return { start, end: start + length }
}
