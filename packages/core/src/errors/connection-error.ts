// Errors that occur before the first byte of a request is sent: name resolution, connection and TLS handshake. The
// codes come from undici, Bun and OpenSSL. Browsers report no codes, so there the outcome is always unknown.
const notSentCodes = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ConnectionRefused',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ENOTFOUND',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

// Messages of the same errors in Bun and Deno, which set no code, or a code that an established connection may also
// have. In Deno, Connect is the part of the HTTP client that resolves names, connects and does the TLS handshake.
const notSentMessages = [
  /^ECONNREFUSED: Unable to connect\. /,
  /^error sending request for url \(\S*\): client error \(Connect\): /,
]

interface Link {
  code?: unknown
  message?: unknown
  syscall?: unknown
  errors?: unknown
}

/** Returns the code of an error, or else of its first cause with a code. It may be any text. */
export function systemCode(error: unknown): string | undefined {
  const { code } = firstLink(error) ?? {}
  return typeof code === 'string' ? code : undefined
}

/** Returns whether an error shows that the connection was never made. */
export function neverConnected(error: unknown): boolean {
  const link = firstLink(error)
  if (link !== undefined && isFromConnecting(link)) return true
  return chainOf(error).some(
    ({ message }) => typeof message === 'string' && notSentMessages.some((text) => text.test(message)),
  )
}

function isFromConnecting({ code, syscall, errors }: Link): boolean {
  if (notSentCodes.has(code as string)) return true
  // Codes such as EHOSTUNREACH also occur after a connection has carried a request, so the system call decides.
  if (syscall === 'connect') return true
  // One error for each address of a host.
  return Array.isArray(errors) && errors.length > 0 && errors.every((error) => isFromConnecting(error ?? {}))
}

/** Returns the error, or else its first cause, that has a code. */
function firstLink(error: unknown): Link | undefined {
  return chainOf(error).find(({ code }) => typeof code === 'string')
}

/** Returns an error and its causes, at most six. */
function chainOf(error: unknown): Link[] {
  const chain: Link[] = []
  let current = error
  for (let depth = 0; depth < 6 && typeof current === 'object' && current !== null; depth++) {
    chain.push(current)
    current = (current as { cause?: unknown }).cause
  }
  return chain
}
