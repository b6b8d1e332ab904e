import { invalidParameter, readBody } from '@pds/core/internal'
import type { Session } from './session.ts'

// The longest rejection that is read, in bytes, and for how long, in milliseconds.
const maxErrorBodyBytes = 65_536
const errorBodyTimeout = 10_000

/** Makes the `fetch` of a session; see `Session.fetch`. */
export function authorizedFetch(
  getAccessToken: Session['getAccessToken'],
  origins: readonly string[],
  send: typeof globalThis.fetch | undefined,
): Session['fetch'] {
  return async (input, init = {}) => {
    const request = input instanceof Object && !(input instanceof URL) ? input : undefined
    // Read once: what is checked is what is sent.
    const target = request ?? addressOf(input as string | URL)
    checkOrigin(request ? request.url : (target as string), origins)
    const headers = new Headers(init.headers ?? request?.headers)
    const call = (authorization?: string) => {
      if (authorization !== undefined) headers.set('authorization', authorization)
      return (send ?? globalThis.fetch)(target, { ...init, headers })
    }
    // As with the client's methods: a credential of the call's own goes before.
    if (headers.has('authorization')) return call()
    const signal = ('signal' in init ? init.signal : request?.signal) ?? undefined
    const sent = await getAccessToken({ signal })
    const response = await call(`Bearer ${sent}`)
    const isGone = init.body ? isStream(init.body) : request?.bodyUsed
    if (isGone || !(await isTokenRejection(response, origins))) return response
    try {
      const another = await getAccessToken({ rejected: sent, signal })
      return await call(`Bearer ${another}`)
    } finally {
      // Let go of the connection: nobody will read it.
      response.body?.cancel().catch(() => undefined)
    }
  }
}

/** Whether a body is read while it is sent, and gone then. */
function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && ('getReader' in body || Symbol.asyncIterator in body)
}

/** An address as fetch reads it: that of a page may be relative. */
function addressOf(input: string | URL): string {
  return new URL(input, globalThis.document?.baseURI ?? globalThis.location?.href).href
}

function checkOrigin(address: string, origins: readonly string[]): void {
  const { origin } = new URL(address)
  if (origins.includes(origin)) return
  throw invalidParameter(
    `session.fetch: the token is not sent to ${origin}: name that in the option origins of createSession if it may have it`,
  )
}

// Before 22.21 and 24.8 Node.js cancels the body of a response when a clone of it is collected: a clone lives as long as
// its response.
const clones = new WeakMap<Response, Response>()

/** Whether an answer refuses the access token: another code of the service with the same status does not. */
async function isTokenRejection(response: Response, origins: readonly string[]): Promise<boolean> {
  if (response.status !== 401) return false
  // A redirect to another origin goes without the token.
  if (response.redirected && !origins.includes(new URL(response.url).origin)) return false
  try {
    const signal = AbortSignal.timeout(errorBodyTimeout)
    const clone = response.clone()
    clones.set(response, clone)
    const body: unknown = JSON.parse(await readBody(clone, maxErrorBodyBytes, signal))
    const { code, Code } = body as { code?: unknown; Code?: unknown }
    return /^(AccessTokenInvalid|TokenExpired)|^$/.test(String(code ?? Code ?? ''))
  } catch {
    // No words beside the status: a gateway, or another service that knows the token.
    return true
  }
}
