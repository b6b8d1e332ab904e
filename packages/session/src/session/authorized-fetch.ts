import { invalidParameter, readBody } from '@pds/core/internal'
import { keepClone } from '#platform'
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
    const request = 'url' in Object(input) ? (input as Request) : undefined
    // Resolved as fetch does: in a page, a URL may be relative. The request goes to the address that is checked here.
    const base = globalThis.document?.baseURI ?? globalThis.location?.href
    const { href, origin } = new URL(request?.url ?? (input as string | URL), base)
    if (!origins.includes(origin)) {
      throw invalidParameter(`session.fetch: ${origin} is not in the option origins of createSession`)
    }
    const headers = new Headers(init.headers ?? request?.headers)
    const signal = ('signal' in init ? init.signal : request?.signal) ?? undefined
    const send = (token?: string) => {
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
      const call = () => (customFetch ?? globalThis.fetch)(request ?? href, { ...init, headers })
      return abortable(signal, call, 'unknown')
    }
    // A credential of the caller takes precedence, as in the methods of `PDSClient`.
    if (headers.has('authorization')) return send()
    const sent = await getAccessToken({ signal })
    const response = await send(sent)
    const isBodyConsumed = init.body ? isStream(init.body) : request?.bodyUsed
    if (isBodyConsumed || !(await isTokenRejection(response, origins))) return response
    try {
      return await send(await getAccessToken({ rejected: sent, signal }))
    } finally {
      // Frees the connection, because the first response is not read.
      response.body?.cancel().catch(() => undefined)
    }
  }
}

/** Checks whether a body can be sent only once. */
function isStream(body: BodyInit): boolean {
  return 'getReader' in Object(body) || Symbol.asyncIterator in Object(body)
}

/** Checks whether a response rejects the access token. A 401 with another code of the service does not. */
async function isTokenRejection(response: Response, origins: readonly string[]): Promise<boolean> {
  if (response.status !== 401) return false
  // fetch removes the token from a redirect to another origin.
  if (response.redirected && !origins.includes(new URL(response.url).origin)) return false
  try {
    const signal = AbortSignal.timeout(errorBodyTimeout)
    const clone = response.clone()
    keepClone(response, clone)
    const body: unknown = JSON.parse(await readBody(clone, maxErrorBodyBytes, signal))
    const { code, Code } = body as { code?: unknown; Code?: unknown }
    return /^(AccessTokenInvalid|TokenExpired)|^$/.test(String(code ?? Code ?? ''))
  } catch {
    // A 401 without a code comes from a gateway or from another service that accepts the token.
    return true
  }
}
