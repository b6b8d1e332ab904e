/** A block of a PEM text (RFC 7468 section 2). */
export interface PemBlock {
  /** The label after `BEGIN`, such as `PRIVATE KEY`. */
  label: string
  /** Whether its content is encrypted. */
  encrypted: boolean
  /** The block in strict form: lines of up to 64 characters, each with a line feed. */
  text: string
}

/**
 * Returns the block of the private key in a PEM text, otherwise its first block, or undefined if it has no block.
 *
 * Repairs what configuration does to PEM: CRLF, stray spaces, quotes or text around the block, and line breaks that
 * became spaces or (as in many environment variables) a literal `\n`.
 */
export function normalizePem(pem: string): PemBlock | undefined {
  const text = pem.replaceAll('\\r', '').replaceAll('\\n', '\n')
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----/gs)]
  const [, label, body] = blocks.find((block) => block[1]?.endsWith('PRIVATE KEY')) ?? blocks[0] ?? []
  if (label === undefined || body === undefined) return undefined

  // The encrypted form of PKCS#1 has two header lines and an empty line before the data (RFC 1421 section 4.6).
  const headers = /Proc-Type:\s*4,ENCRYPTED\s+DEK-Info:\s*([A-Z0-9-]+,[0-9A-F]+)/i.exec(body)
  const data = headers ? body.slice(headers.index + headers[0].length) : body
  const lines: string[] = data.replaceAll(/\s/g, '').match(/.{1,64}/g) ?? []
  if (headers) lines.unshift('Proc-Type: 4,ENCRYPTED', `DEK-Info: ${headers[1]}`, '')
  return {
    label,
    encrypted: headers !== null || label === 'ENCRYPTED PRIVATE KEY',
    text: [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n'),
  }
}
