import type { ITokenInfo, TokenInfo } from '@pds/types'
import type { SessionEvents, SessionListener } from './session-events.ts'
import type { SessionStatus } from './session-status.ts'

/** The options of `getToken` and `getAccessToken`. */
export interface GetTokenOptions {
  /** An access token that the service rejected. The session returns a different one. */
  rejected?: string | undefined
  /**
   * Aborts the wait for a token with a `PDSError` with code `Aborted`. A refresh that is under way continues for the
   * other callers.
   */
  signal?: AbortSignal | undefined
}

/** Keeps one token fresh for any number of callers. Its functions can be called without `this`. */
export interface Session {
  /**
   * The last known status of the session, without tokens: frozen, and a new object after each change, which the
   * event `changed` announces. `status()` reads the store first.
   *
   * @example
   * ```ts
   * import type { Session } from '@pds/session'
   *
   * export function greeting({ state }: Session): string {
   *   return state.status === 'ok' ? `Hello ${state.user?.name ?? ''}` : 'Please sign in'
   * }
   * ```
   */
  readonly state: SessionStatus
  /**
   * Reads the record from the store and returns the status of the session. Sends no request.
   *
   * Throws a `PDSError` with code `StoreFailed` if the store fails.
   *
   * @example
   * ```ts
   * import type { Session } from '@pds/session'
   *
   * export async function mustSignIn(session: Session): Promise<boolean> {
   *   const { status } = await session.status()
   *   return status === 'login_required' || status === 'signed_out'
   * }
   * ```
   */
  status(): Promise<SessionStatus>
  /**
   * Returns a token that is valid for at least 30 seconds. A token may be valid for a shorter time if the service issues
   * short-lived tokens, or if no new token can be obtained before the old one expires. `expires_in` counts from now, in
   * seconds.
   *
   * Throws a `PDSError` with one of these codes:
   *
   * - `LoginRequired`, with a `LoginRequiredCause` as its `cause`
   * - `StoreFailed` if the store fails, or its record is damaged; `DecryptionFailed` if no key decrypts the record. A
   *   record that cannot be read does not change until `setToken` or `signOut` replaces it. A grant that obtains tokens
   *   goes on without it
   * - `RefreshFailed` if a custom grant threw or returned no token
   * - `Timeout` after `waitTimeout`
   * - `Aborted` by the signal
   * - the code of the error that the grant's request failed with. `retryAt` is the time of the next attempt if the
   *   session waits until then. Until then, all callers get the same error
   *
   * @example
   * ```ts
   * import type { Session } from '@pds/session'
   *
   * export async function tokenForPage(session: Session) {
   *   const { access_token, expires_in } = await session.getToken()
   *   return { access_token, expires_in }
   * }
   * ```
   */
  getToken(options?: GetTokenOptions): Promise<ITokenInfo>
  /** Returns the `access_token` of `getToken`, and throws the same errors. */
  getAccessToken(options?: GetTokenOptions): Promise<string>
  /**
   * Sends a request with the token in its `authorization` header (RFC 6750 section 2.1), otherwise as fetch does.
   *
   * If the service rejects the token (status 401), the session retries the request once: with the stored token if that
   * is a different one, otherwise with a new token. A request with a stream as its body is not retried. If the request
   * has an `authorization` header, it is sent unchanged.
   *
   * Throws the errors of `getToken` and of fetch. An aborted signal causes a `PDSError` with code `Aborted`, as in
   * `getToken`. Throws a `PDSError` with code `InvalidParameter` if the origin of the URL is
   * neither an origin of the grant nor listed in the option `origins`.
   *
   * @example
   * ```ts
   * import type { Session } from '@pds/session'
   *
   * export async function getUser(session: Session): Promise<unknown> {
   *   const response = await session.fetch('https://bj1.api.aliyunpds.com/v2/user/get', { method: 'POST' })
   *   return response.json()
   * }
   * ```
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /**
   * Starts a sign-in with a token of the application, for example from `getTokenByCode`. Replaces a stored record that
   * cannot be read. A call with the token that started the current sign-in changes nothing, even after that token was
   * refreshed.
   *
   * Throws a `PDSError` with code `InvalidParameter` or `StoreFailed`, or with `LoginRequired` if the token started a
   * sign-in that has ended, for example by `signOut`.
   *
   * @example
   * ```ts
   * import type { Session } from '@pds/session'
   * import type { TokenInfo } from '@pds/types'
   *
   * export async function signIn(session: Session, token: TokenInfo) {
   *   await session.setToken(token)
   *   return session.getAccessToken()
   * }
   * ```
   */
  setToken(token: TokenInfo): Promise<void>
  /**
   * Ends the sign-in: removes the token from the store, then revokes it at the service. A refresh that is under way does
   * not undo the sign-out. Replaces a stored record that cannot be read.
   *
   * @returns Whether the token was revoked. It was not if the session had no token, if the grant has no `revoke`, or if
   * the revocation failed. A failed revocation emits the event `error`. If the grant has `signOut`, as with your own back
   * end, that is called instead, also without a token.
   * @throws PDSError with code `StoreFailed`. The token is revoked even then, if possible.
   */
  signOut(): Promise<{
    /** Whether the token was revoked. */
    revoked: boolean
  }>
  /**
   * Calls a listener at each event of a type. Returns a function that removes the listener.
   *
   * @throws PDSError with code `InvalidParameter` if the type is unknown or the listener is not a function.
   * @example
   * ```ts
   * import type { Session } from '@pds/session'
   *
   * export const warnOfErrors = (session: Session) =>
   *   session.subscribe('error', ({ error }) => process.emitWarning(error))
   * ```
   */
  subscribe<Type extends keyof SessionEvents>(type: Type, listener: SessionListener<Type>): () => void
  /**
   * Stops the timers and removes the listeners. From then on the session returns no tokens: its functions throw a
   * `PDSError` with code `InvalidParameter`, also for callers that already wait for a token. The record stays in the
   * store. A token that the store failed to write gets up to 10 more attempts.
   */
  close(): void
}
