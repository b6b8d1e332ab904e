import type { ITokenInfo, TokenInfo } from '@pds/types'
import type { SessionEvents, SessionListener } from './session-events.ts'

/** The options of `getToken` and `getAccessToken`. */
export interface GetTokenOptions {
  /** An access token that the service has refused: another one is given in its place. */
  rejected?: string | undefined
  /** Ends the waiting with a `PDSError` `Aborted`. A refresh that is under way goes on, for others. */
  signal?: AbortSignal | undefined
}

/** Keeps one token fresh, for any number of callers. Its functions need no `this`. */
export interface Session {
  /**
   * Gives the token: one that is valid for at least 30 seconds, unless the service gives shorter ones or cannot be
   * reached. `expires_in` counts from now, in seconds.
   *
   * Throws a `PDSError`: `LoginRequired`, whose `cause` is a `LoginRequiredCause`; `StoreFailed`; `DecryptionFailed`;
   * `RefreshFailed` where a grant of your own threw; `Timeout`; `Aborted`; or what the grant's request failed with.
   */
  getToken(options?: GetTokenOptions): Promise<ITokenInfo>
  /** The `access_token` of `getToken`. */
  getAccessToken(options?: GetTokenOptions): Promise<string>
  /**
   * Sends a request with the token (RFC 6750 section 2.1), as fetch does.
   *
   * Where the service refuses the token (status 401), the request is sent once more with the one that stands in its
   * place by then, or with a new one; a body that is a stream is never sent twice. An `authorization` header of your own
   * stays as it is. Throws what `getToken` and fetch throw, and `InvalidParameter` for an origin that is neither the
   * grant's nor among the option `origins`.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /**
   * Begins a sign-in with a token that the application has, such as that of `getTokenByCode`. The token that a sign-in
   * began with does not begin it again, whatever has become of it.
   *
   * Throws a `PDSError` `InvalidParameter`, `StoreFailed` or `DecryptionFailed`.
   */
  setToken(token: TokenInfo): Promise<void>
  /**
   * Ends the sign-in: forgets the token everywhere, then revokes it at the service. A refresh that is under way does not
   * undo that.
   *
   * @returns Whether the token was revoked: false where there was none, the grant cannot, or the service was not
   * reached, which the event `error` tells.
   * @throws PDSError `StoreFailed` or `DecryptionFailed`, with the token revoked where that was possible.
   */
  signOut(): Promise<{
    /** Whether the token was revoked. */
    revoked: boolean
  }>
  /** Calls a function at each event of a type. Gives what ends that. Throws a `PDSError` `InvalidParameter`. */
  subscribe<Type extends keyof SessionEvents>(type: Type, listener: SessionListener<Type>): () => void
  /**
   * Lets go of timers and listeners, and gives no more tokens: callers who wait get `InvalidParameter`. The session stays
   * in its store. A token that the store did not take yet is offered to it some more times.
   */
  close(): void
}
