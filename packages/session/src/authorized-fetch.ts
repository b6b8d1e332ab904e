import { invalidParameter, readBody } from '@pds/core'
import type { Session } from './session.ts'

// The longest refusal that is read, in bytes, and for how long, in milliseconds.
const longestRefusal = 65_536
const slowestRefusal = 10_000

/** Makes the `fetch` of a session; see `Session.fetch`. */
export function authorizedFetch(
  getAccessToken: Session['getAccessToken'],
  origins: readonly string[],
  send: typeof globalThis.fetch | undefined,
): Session['fetch'] {
  return async (input, init) => {
    const request = typeof input === 'string' || input instanceof URL ? undefined : input
    checkOrigin(request ? request.url : String(input), origins)
    const headers = new Headers(init?.headers ?? request?.headers)
    const call = (authorization?: string) => {
      if (authorization !== undefined) headers.set('authorization', authorization)
      return (send ?? globalThis.fetch)(input, { ...init, headers })
    }
    // As with the client's methods: a credential of the call's own goes before.
    if (headers.has('authorization')) return call()
    const signal = init?.signal ?? request?.signal
    const sent = await getAccessToken({ signal })
    const response = await call(`Bearer ${sent}`)
    if (isStream(init?.body ?? request?.body) || !(await isRefusal(response))) return response
    const another = await getAccessToken({ rejected: sent, signal })
    // Let go of the connection: nobody will read it.
    response.body?.cancel().catch(() => undefined)
    return call(`Bearer ${another}`)
  }
}

/** Whether a body is read while it is sent, and gone then. */
function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && ('getReader' in body || Symbol.asyncIterator in body)
}

function checkOrigin(address: string, origins: readonly string[]): void {
  // A page's own addresses may be relative.
  const { origin } = new URL(address, globalThis.location?.href)
  if (origins.includes(origin)) return
  throw invalidParameter(
    `session.fetch: the token is not sent to ${origin}: name that in the option origins of createSession if it may have it`,
  )
}

/** Whether an answer refuses the access token: another code of the service with the same status does not. */
async function isRefusal(response: Response): Promise<boolean> {
  if (response.status !== 401) return false
  try {
    const signal = AbortSignal.timeout(slowestRefusal)
    const body: unknown = JSON.parse(await readBody(response.clone(), longestRefusal, signal))
    const { code, Code } = body as { code?: unknown; Code?: unknown }
    return /^(AccessTokenInvalid|TokenExpired)|^$/.test(String(code ?? Code ?? ''))
  } catch {
    // No words beside the status: a gateway, or another service that knows the token.
    return true
  }
}
