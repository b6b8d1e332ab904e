// Errors that occur before the first byte of a request is sent: name resolution, connection and TLS handshake. These
// lists serve what publishes no connection errors: node-fetch and Bun. The codes come from Node.js and OpenSSL.
// Codes and messages that also occur after a request was sent are not in them. Bun reports EPROTO then too. Deno sends a
// request again if a reused connection is closed without a response, and then reports only why it cannot connect.
const notSentCodes = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CRL_HAS_EXPIRED',
  'CRL_NOT_YET_VALID',
  'CRL_SIGNATURE_FAILURE',
  'ConnectionRefused',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ENOTFOUND',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CRL_LAST_UPDATE_FIELD',
  'ERROR_IN_CRL_NEXT_UPDATE_FIELD',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_DECRYPT_CRL_SIGNATURE',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UND_ERR_CONNECT_TIMEOUT',
])

const notSentMessages = [
  // Bun sets a code that an established connection may also have.
  /^ECONNREFUSED: Unable to connect\. /,
  // A port that fetch must not use, in Deno and in undici.
  /^Fetch failed: Requests to port \d+ are blocked$/,
  /^bad port$/,
  // The TLS handshake of node:https was closed.
  /^Client network socket disconnected before secure TLS connection was established$/,
]

// The message of node-fetch, which keeps the code and the message of node:http, but neither its system call nor its
// cause.
const nodeFetchMessage = /^request to \S+ failed, reason: (.*)/s

// Reasons in it. A write fails with EPROTO if TLS has failed before it could encrypt the request.
const notSentReasons = [/^connect E/, /^getaddrinfo E/, /^write EPROTO /]

interface Link {
  code?: unknown
  message?: unknown
  syscall?: unknown
  errors?: unknown
}

const connectChannel = 'undici:client:connectError'
const errorsOfChannel = Symbol.for('@pds/core.connectErrors')

/** The errors of connections that were never made, or undefined before `watchConnections`. */
let connectErrors: WeakSet<object> | undefined

/**
 * Records the errors of connections that are never made, for `neverConnected`.
 *
 * The fetch of Node.js and the npm package undici publish them. undici throws such an error only for requests that
 * wait for the connection. After a request was sent, it sends only idempotent requests again, never a POST request.
 * Other runtimes have no channel, or publish nothing on it.
 */
export function watchConnections(): void {
  try {
    const channels = globalThis.process?.getBuiltinModule?.('node:diagnostics_channel')
    if (!channels || connectErrors) return
    // One subscription of the process serves all copies of this package. It would keep the realms of Jest alive.
    const channel = channels.channel(connectChannel) as { [errorsOfChannel]?: WeakSet<object> }
    const errors = channel[errorsOfChannel] ?? new WeakSet()
    if (!channel[errorsOfChannel]) {
      channels.subscribe(connectChannel, (event) => {
        const { error } = Object(event)
        if (Object(error) === error) errors.add(error)
      })
      channel[errorsOfChannel] = errors
    }
    connectErrors = errors
  } catch {
    // A polyfill of process may throw instead of returning undefined.
  }
}

/** Returns whether an error shows that the connection was never made. */
export function neverConnected(error: unknown): boolean | undefined {
  try {
    const chain = chainOf(error)
    if (chain.some((link) => connectErrors?.has(link) || hasNotSentMessage(link))) return true
    const link = chain.find(({ code }) => typeof code === 'string')
    return link !== undefined && isFromConnecting(link)
  } catch {
    // A custom fetch may throw a Proxy, or an error with a getter that throws.
    return false
  }
}

function isFromConnecting({ code, syscall, errors }: Link): boolean {
  if (notSentCodes.has(code as string)) return true
  // Codes such as EHOSTUNREACH also occur after a connection has carried a request, so the system call decides.
  if (syscall === 'connect') return true
  // One error for each address of a host.
  return Array.isArray(errors) && errors.length > 0 && errors.every((error) => isFromConnecting(error ?? {}))
}

function hasNotSentMessage({ code, message }: Link): boolean {
  if (typeof message !== 'string') return false
  const [, reason] = nodeFetchMessage.exec(message) ?? []
  if (notSentMessages.some((text) => text.test(reason ?? message))) return true
  if (reason === undefined) return false
  // If each address of a host refused the connection, node:http gives no message.
  if (reason === '') return code === 'ECONNREFUSED'
  // For Node.js, this is a certificate with a fault that has no code.
  return code === 'UNSPECIFIED' || notSentReasons.some((text) => text.test(reason))
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
