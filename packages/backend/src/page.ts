import { PDSError } from '@pds/core/internal'
import type { Grant, TokenInfo } from '@pds/types'

/** The options of `backendGrant`. */
export interface BackendGrantOptions {
  /** The URL of the routes. Default: `/pds`, of the origin of the page. */
  url?: string | undefined
  /** The function that sends the requests. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined
}

/**
 * Creates the grant of a page whose back end uses `createBackend`. The session gets its access tokens from the back end, and
 * `signOut` of the session signs the user out there.
 *
 * @returns The grant, for `createSession` of `@pds/session`. Its functions throw a `PDSError`: `LoginRequired` if no user is
 * signed in, `NetworkError` if the back end is unreachable, and the code of the back end's error.
 * @example
 * ```ts
 * import { backendGrant } from '@pds/backend/page'
 * import { createSession } from '@pds/session'
 *
 * const origins = ['https://bj1.api.aliyunpds.com']
 * export const session = createSession({ key: 'me', grant: backendGrant(), origins })
 * ```
 */
// Does not check the names of its options: that would be half of its code.
export function backendGrant({ url = '/pds', fetch }: BackendGrantOptions = {}): Grant {
  const base = url.replace(/\/$/, '')
  async function post(route: string, signal: AbortSignal, body?: object): Promise<Response> {
    // The global function is called as such: browsers reject another `this`.
    const send: typeof globalThis.fetch = fetch ?? ((...args) => globalThis.fetch(...args))
    const response = await send(`${base}/${route}`, {
      method: 'POST',
      // The cookie, also for a back end on another origin.
      credentials: 'include',
      cache: 'no-store',
      redirect: 'error',
      signal,
      // A page often reloads at the event `signed_out`. The browser then still gets the response, which removes the cookie.
      ...(route === 'sign-out' && { keepalive: true }),
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    }).catch((error) => {
      if (signal.aborted) throw error
      throw new PDSError('the back end is unreachable', { code: 'NetworkError', outcome: 'unknown' })
    })
    if (response.ok) return response
    throw await toError(response)
  }

  return {
    id: base,
    // The lifetime counts from the response, whatever the clock of the page says.
    hasServerTime: () => false,
    obtain: async ({ rejected, signal }): Promise<TokenInfo> =>
      (await post('token', signal, { rejected })).json(),
    signOut: ({ signal }) => post('sign-out', signal),
  }
}

async function toError(response: Response): Promise<PDSError> {
  const { status, headers } = response
  if (status === 401) {
    return new PDSError('the back end requires a login', { code: 'LoginRequired', outcome: 'responded' })
  }
  const { code, reqId } = Object(await response.json().catch(() => undefined))
  const seconds = Number(headers.get('retry-after'))
  return new PDSError('the back end rejected the request', {
    code: typeof code === 'string' ? code : 'InvalidResponse',
    status,
    reqId,
    outcome: 'responded',
    ...(seconds > 0 && { retryAt: Date.now() + seconds * 1000 }),
  })
}
