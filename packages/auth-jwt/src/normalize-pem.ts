import { identifyDer } from './identify-der.ts'

/** Describes why a key cannot be used, to follow the name of its option. The message never quotes the key. */
export class UnusableKey extends Error {
  override readonly name = 'UnusableKey'
}

/** A block of a PEM text (RFC 7468 section 2). */
export interface PemBlock {
  /** The label after `BEGIN`, such as `PRIVATE KEY`. That of an RSA key is corrected to fit the content. */
  label: string
  /** Whether its content is encrypted. */
  encrypted: boolean
  /** The block in strict form: lines of up to 64 characters, each with a line feed. */
  text: string
}

/*
 * Each of these expressions needs linear time for any text.
 *
 * PEM uses no backslash, %, & and backtick, so these can only begin an escape: \n, \\n, \u002b, `n of PowerShell, %0A,
 * %250A, &#10; and &#xA;.
 */
const escapes = /(?:[\\`]+(?:u00|x)|%(?:25)*|&#x)([\da-f]{1,2});?|&#(\d{1,3});|[\\`]+([nrt]?)/gi
// Word processors write dashes for hyphens and non-breaking spaces. Forms write + for a space.
const markers = /[-\u2010-\u2015]\s*(BEGIN|END)([\w\s+]{1,80})[-\u2010-\u2015]/gi
// The headers of an encrypted PKCS#1 key (RFC 1421 section 4.6). Without line breaks, only the length of the
// initialization vector says where the data begins: it is one block of the cipher.
const headers =
  /Proc-Type:[\s+]*4,ENCRYPTED[^A-Z]*DEK-Info:[\s+]*((?:DES|RC2)[A-Z\d-]*,[\dA-F]{16}|[A-Z\d-]+,[\dA-F]{32})/i

/**
 * Returns the block of the private key in a PEM text, otherwise its first block. Throws `UnusableKey` if the text has no
 * complete block or the content of its RSA key is damaged.
 *
 * Repairs what configuration does to PEM: escapes at any depth, changed or lost line breaks, quotes and other text
 * around the block or its lines, base64 of the whole text, and labels that do not fit the content.
 */
export function normalizePem(pem: string): PemBlock {
  // Three times for escapes of different kinds in each other, such as %5Cn.
  const text = decodeEscapes(decodeEscapes(decodeEscapes(pem)))
  const block = findBlock(text)
  if (block === undefined) {
    const content = decode(onlyBase64(text))
    if (content) return normalizePem(content)
    throw new UnusableKey('is not PEM: it has no line such as -----BEGIN PRIVATE KEY-----')
  }
  const { label, data } = block
  if (!/^(RSA|ENCRYPTED)? ?PRIVATE ?KEY$/.test(label)) return formatBlock(label, onlyBase64(data))

  const found = headers.exec(data)
  if (!found) return identifyKey(data)
  const [all, cipher = ''] = found
  const base64 = onlyBase64(data.slice(found.index + all.length))
  const blockSize = (cipher.length - cipher.indexOf(',') - 1) / 2
  const { length } = decodeContent(base64)
  if (length % blockSize > 0) {
    throw new UnusableKey(`is damaged: its content has ${length} bytes, which is no multiple of ${blockSize}`)
  }
  return formatBlock('RSA PRIVATE KEY', base64, [
    'Proc-Type: 4,ENCRYPTED',
    `DEK-Info: ${cipher.toUpperCase()}`,
    '',
  ])
}

function decodeEscapes(text: string): string {
  // UTF-16, read as another encoding, has a NUL for each character.
  return text
    .replaceAll('\0', '')
    .replaceAll(escapes, (_escape, hex?: string, decimal?: string, letter?: string) => {
      if (hex || decimal) return String.fromCharCode(hex ? Number.parseInt(hex, 16) : Number(decimal))
      return letter ? '\n' : ''
    })
}

/** Returns the first block of a private key, otherwise the first block, or undefined if there is no BEGIN line. */
function findBlock(text: string): { label: string; data: string } | undefined {
  let first: { label: string; data: string } | undefined
  let begin: { label: string; end: number } | undefined
  let hasBegin = false
  for (const { 0: marker, 1: kind = '', 2: name = '', index } of text.matchAll(markers)) {
    const label = name
      .replaceAll(/[\s+]+/g, ' ')
      .trim()
      .toUpperCase()
    if (kind.toUpperCase() === 'BEGIN') {
      begin = { label, end: index + marker.length }
      hasBegin = true
      continue
    }
    if (begin && (begin.label === label || (isPrivate(begin.label) && isPrivate(label)))) {
      const block = { label: begin.label, data: text.slice(begin.end, index) }
      if (isPrivate(label)) return block
      first ??= block
    }
    begin = undefined
  }
  if (!first && hasBegin) {
    throw new UnusableKey('is incomplete: it has a BEGIN line but no matching END line')
  }
  return first
}

function isPrivate(label: string): boolean {
  return /PRIVATE ?KEY$/.test(label)
}

/** Returns the block of an unencrypted key or a PKCS#8 key, with the label that its content needs. */
function identifyKey(data: string): PemBlock {
  const base64 = onlyBase64(data)
  const candidates = [
    base64,
    // A form was decoded twice, which turned + into spaces.
    onlyBase64(data.replaceAll(' ', '+')),
    // A shell removed the backslash of each \n.
    base64.replaceAll(/n(.{1,64})/g, '$1').replace(/n$/, ''),
  ]
  for (const candidate of candidates) {
    const content = decode(candidate) ?? ''
    const { label, length } = identifyDer(content) ?? {}
    if (label !== undefined && length === content.length) return formatBlock(label, candidate)
  }
  const content = decodeContent(base64)
  const { length = 0 } = identifyDer(content) ?? {}
  throw new UnusableKey(
    length > content.length
      ? `is damaged: it has only ${content.length} of its ${length} bytes`
      : 'is damaged: the content between its BEGIN and END lines is not a private key',
  )
}

function onlyBase64(text: string): string {
  return text.replaceAll(/[^A-Za-z\d+/=]+/g, '')
}

function decodeContent(base64: string): string {
  const content = decode(base64)
  if (content) return content
  const what = content === '' ? 'nothing is between' : 'no base64 is between'
  throw new UnusableKey(`is damaged: ${what} its BEGIN and END lines`)
}

function decode(base64: string): string | undefined {
  try {
    return atob(base64)
  } catch {
    return undefined
  }
}

function formatBlock(label: string, base64: string, headerLines: string[] = []): PemBlock {
  const padded = base64.padEnd(Math.ceil(base64.length / 4) * 4, '=')
  const lines: string[] = padded.match(/.{1,64}/g) ?? []
  return {
    label,
    encrypted: headerLines.length > 0 || label === 'ENCRYPTED PRIVATE KEY',
    text: [`-----BEGIN ${label}-----`, ...headerLines, ...lines, `-----END ${label}-----`, ''].join('\n'),
  }
}
