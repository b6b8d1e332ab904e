// Errors from before the first byte of a request can have left: name resolution, connection and TLS handshake, of
// undici, Bun and OpenSSL. Browsers do not tell them apart, so there a failed connection is always unknown.
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

// The same, of runtimes that give such an error no code, or one that a connection may have later, too: Bun's, and
// Deno's, where Connect is the part of its HTTP client that resolves names, connects and makes TLS.
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

/** The system's code of a failed connection, from an error or the first of its causes that has one: any text. */
export function systemCode(error: unknown): string | undefined {
  const { code } = firstLink(error) ?? {}
  return typeof code === 'string' ? code : undefined
}

/** Whether the error of a connection shows that it was never made. */
export function neverConnected(error: unknown): boolean {
  const link = firstLink(error)
  if (link !== undefined && isFromConnecting(link)) return true
  return chainOf(error).some(
    ({ message }) => typeof message === 'string' && notSentMessages.some((text) => text.test(message)),
  )
}

function isFromConnecting({ code, syscall, errors }: Link): boolean {
  if (notSentCodes.has(code as string)) return true
  // The system gives the same codes, such as EHOSTUNREACH, to a connection that has carried a request already.
  if (syscall === 'connect') return true
  // The attempts at each address of a host.
  return Array.isArray(errors) && errors.length > 0 && errors.every((each) => isFromConnecting(each ?? {}))
}

/** An error or the first of its causes that has a code. */
function firstLink(error: unknown): Link | undefined {
  return chainOf(error).find(({ code }) => typeof code === 'string')
}

/** An error and its causes. */
function chainOf(error: unknown): Link[] {
  const chain: Link[] = []
  let current = error
  for (let depth = 0; depth < 6 && typeof current === 'object' && current !== null; depth++) {
    chain.push(current)
    current = (current as { cause?: unknown }).cause
  }
  return chain
}
