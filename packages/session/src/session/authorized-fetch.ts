import { invalidParameter, readBody } from '@pds/core/internal'
import { abortable } from './aborted.ts'
import type { Session } from './session.ts'

// The limits for reading the body of a 401 response, in bytes and in milliseconds.
const maxErrorBodyBytes = 65_536
const errorBodyTimeout = 10_000

/** Creates the function `Session.fetch`. */
export function authorizedFetch(
  getAccessToken: Session['getAccessToken'],
  origins: readonly string[],
  customFetch: typeof globalThis.fetch | undefined,
): Session['fetch'] {
  return async (input, init = {}) => {
    // Not instanceof: a test runner may have a URL or a Request of another realm.
    const request = typeof input === 'object' && 'url' in input ? input : undefined
    // Read once, so that the request goes to the address that was checked.
    const target = request ?? resolveUrl(input as string | URL)
    checkOrigin(request ? request.url : (target as string), origins)
    const headers = new Headers(init.headers ?? request?.headers)
    const call = (authorization?: string) => {
      if (authorization !== undefined) headers.set('authorization', authorization)
      return (customFetch ?? globalThis.fetch)(target, { ...init, headers })
    }
    const signal = ('signal' in init ? init.signal : request?.signal) ?? undefined
    const send = (authorization?: string) => abortable(signal, () => call(authorization), 'unknown')
    // A credential of the caller takes precedence, as in the methods of `PDSClient`.
    if (headers.has('authorization')) return send()
    const sent = await getAccessToken({ signal })
    const response = await send(`Bearer ${sent}`)
    const isBodyConsumed = init.body ? isStream(init.body) : request?.bodyUsed
    if (isBodyConsumed || !(await isTokenRejection(response, origins))) return response
    try {
      const next = await getAccessToken({ rejected: sent, signal })
      return await send(`Bearer ${next}`)
    } finally {
      // Frees the connection, because the first response is not read.
      response.body?.cancel().catch(() => undefined)
    }
  }
}

/** Checks whether a body can be sent only once. */
function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && ('getReader' in body || Symbol.asyncIterator in body)
}

/** Resolves a URL as fetch does: in a page it may be relative. */
function resolveUrl(input: string | URL): string {
  return new URL(input, globalThis.document?.baseURI ?? globalThis.location?.href).href
}

function checkOrigin(url: string, origins: readonly string[]): void {
  const { origin } = new URL(url)
  if (origins.includes(origin)) return
  throw invalidParameter(
    `session.fetch: the token may not be sent to ${origin}: to allow it, add the origin to the option origins of createSession`,
  )
}

// Before 22.21 and 24.8, Node.js cancels the body of a response when its clone is garbage-collected. Each clone is kept
// as long as its response.
const clones = new WeakMap<Response, Response>()

/** Checks whether a response rejects the access token. A 401 with another code of the service does not. */
async function isTokenRejection(response: Response, origins: readonly string[]): Promise<boolean> {
  if (response.status !== 401) return false
  // fetch removes the token from a redirect to another origin.
  if (response.redirected && !origins.includes(new URL(response.url).origin)) return false
  try {
    const signal = AbortSignal.timeout(errorBodyTimeout)
    const clone = response.clone()
    clones.set(response, clone)
    const body: unknown = JSON.parse(await readBody(clone, maxErrorBodyBytes, signal))
    const { code, Code } = body as { code?: unknown; Code?: unknown }
    return /^(AccessTokenInvalid|TokenExpired)|^$/.test(String(code ?? Code ?? ''))
  } catch {
    // A 401 without a code comes from a gateway or from another service that accepts the token.
    return true
  }
}
