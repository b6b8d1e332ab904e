import type { PDSAuthorization, PDSTransport } from '@pds/core'
import { isPDSError, PDSError, sanitizeError } from '@pds/core/internal'
import { type KeptToken, type SessionClock, TokenKeeper } from '@pds/session/internal'
import type { TokenInfo, TokenSource } from '@pds/types'
import { AlwaysGetToken } from './always-get-token.ts'
import { type PDSClientConfig, shareTokenOption, tokenOption } from './client-config.ts'
import { importToken, newToken } from './kept-token.ts'
import { createRenewal, describeFailure, refreshFailed, trimCredential } from './renew-credential.ts'

/** The credentials of a client: an access token, a share token, or both. */
export class ClientCredentials {
  /** Keeps the token of the application, or the last token of the session. */
  readonly #accessToken: TokenKeeper
  readonly #shareToken: TokenKeeper
  readonly #clock: SessionClock
  /** The source of the access token, if the client has a session. */
  readonly #session: TokenSource | undefined
  /** The source of the access token, if the client has `always_get_token_fun`. */
  readonly #always: AlwaysGetToken | undefined
  /** Whether the client can obtain an access token that was not set. */
  readonly #hasTokenSource: boolean
  readonly #hasShareSource: boolean

  constructor(config: PDSClientConfig, transport: PDSTransport) {
    const { token_info, share_token, refresh_token_fun, refresh_share_token_fun } = config
    // A renewal may take as long as a call that waits for it.
    const { totalTimeout = 60_000, always_get_token_fun, always_get_token_cache_ms = 2000 } = config
    const clock: SessionClock = {
      now: () => transport.now(),
      local: config.clock ?? Date.now,
      isServerTime: () => transport.hasServerTime(),
    }
    const tokenSource = refresh_token_fun && {
      name: 'refresh_token_fun',
      call: refresh_token_fun,
      validator: tokenOption,
      toToken: (info: TokenInfo, elapsed: number) => newToken(info, clock.now() - elapsed, clock),
      secrets: () => [this.token_info?.access_token ?? '', this.token_info?.refresh_token ?? ''],
    }
    const shareTokenSource = refresh_share_token_fun && {
      name: 'refresh_share_token_fun',
      call: refresh_share_token_fun,
      validator: shareTokenOption,
      toToken: (text: string) => shareToken(text, clock.now()),
      secrets: () => [this.share_token ?? ''],
    }
    this.#clock = clock
    this.#session = config.session
    this.#always =
      always_get_token_fun &&
      new AlwaysGetToken(always_get_token_fun, always_get_token_cache_ms, () => clock.now())
    this.#hasTokenSource = [config.session, refresh_token_fun, always_get_token_fun].some(Boolean)
    this.#hasShareSource = refresh_share_token_fun !== undefined
    this.#accessToken = new TokenKeeper(
      token_info && !always_get_token_fun ? importToken(token_info, clock.now()) : undefined,
      tokenSource && createRenewal(tokenSource, totalTimeout),
      clock,
    )
    this.#shareToken = new TokenKeeper(
      share_token === undefined ? undefined : shareToken(share_token, clock.now()),
      shareTokenSource && createRenewal(shareTokenSource, totalTimeout),
      clock,
    )
  }

  get token_info(): Readonly<TokenInfo> | undefined {
    return this.#accessToken.token?.info
  }

  get share_token(): string | undefined {
    return this.#shareToken.token?.info.access_token
  }

  setToken(info: TokenInfo): void {
    this.#accessToken.set(importToken(info, this.#clock.now()))
  }

  removeToken(): void {
    this.#accessToken.remove()
  }

  setShareToken(share_token: string): void {
    this.#shareToken.set(shareToken(share_token, this.#clock.now()))
  }

  removeShareToken(): void {
    this.#shareToken.remove()
  }

  /**
   * Creates the authorization of one call. It obtains a token before the first attempt if the token is missing or
   * expires soon. A rejected credential is replaced by a newer one, if there is one already, or else by a renewed one.
   */
  authorize(): PDSAuthorization {
    const failures = { token: this.#accessToken.failures, share: this.#shareToken.failures }
    let sentToken: string | undefined
    let sentShare: string | undefined
    /** Whether the headers of the call contain a share token. */
    let hadShare = false
    return {
      headers: async (own) => {
        const hasShare = 'x-share-token' in own
        hadShare = hasShare
        sentShare = hasShare ? undefined : await this.#currentShare(failures.share)
        // A share token needs no access token. An access token is sent too, because it identifies the user.
        const isOptional = hasShare || sentShare !== undefined
        sentToken = 'authorization' in own ? undefined : await this.#currentToken(failures.token, isOptional)
        return {
          ...(sentShare !== undefined && { 'x-share-token': sentShare }),
          ...(sentToken !== undefined && { authorization: `Bearer ${sentToken}` }),
        }
      },
      renew: async (rejection) => {
        const accessToken = this.#accessToken
        const shareToken = this.#shareToken
        const canHaveShare = sentShare !== undefined || (this.#hasShareSource && !hadShare)
        if (canHaveShare && hasCode(rejection, 'ShareLinkTokenInvalid')) {
          const next = await shareToken.current(sentShare, failures.share)
          if (!next && shareToken.token) return false
        } else if (sentToken !== undefined && hasCode(rejection, 'AccessTokenInvalid', 'TokenExpired')) {
          if (this.#session) await this.#tokenOf(this.#session, sentToken, sentShare !== undefined)
          else if (this.#always) await this.#renewAlways(this.#always, sentToken, failures.token, rejection)
          else {
            const next = await accessToken.current(sentToken, failures.token)
            if (!next && accessToken.token) throw tokenExpired(rejection)
          }
        } else return false
        // The rejected credential may have been removed. Retry only if one of the two is left.
        return accessToken.token !== undefined || shareToken.token !== undefined
      },
    }
  }

  /**
   * Returns the share token to send. Undefined without one, unless it is the only credential that the client can obtain.
   */
  async #currentShare(failures: number): Promise<string | undefined> {
    const keeper = this.#shareToken
    const isOnly = this.#hasShareSource && !this.#hasTokenSource && this.token_info === undefined
    if (!keeper.token && !isOnly) return undefined
    return (await keeper.current(undefined, failures))?.info.access_token
  }

  /** Returns the access token to send. Undefined if it is optional and the client has no token. */
  async #currentToken(failures: number, isOptional: boolean): Promise<string | undefined> {
    if (this.#session) return this.#tokenOf(this.#session, undefined, isOptional)
    if (this.#always) {
      const token = await this.#always.get()
      if (token) this.setToken(token)
      else if (!isOptional) throw noToken('always_get_token_fun returned no token')
      return token?.access_token
    }
    if (isOptional) return this.token_info?.access_token
    const token = await this.#accessToken.current(undefined, failures)
    if (!token) throw noToken('there is no access token: set the option token_info or call setToken')
    return token.info.access_token
  }

  /** Replaces a rejected token of `always_get_token_fun`: asks again, then calls `refresh_token_fun`. */
  async #renewAlways(
    always: AlwaysGetToken,
    rejected: string,
    failures: number,
    rejection: PDSError,
  ): Promise<void> {
    const next = await always.get(rejected)
    if (next && next.access_token !== rejected) return this.setToken(next)
    const renewed = await this.#accessToken.current(rejected, failures)
    if (!renewed || renewed.info.access_token === rejected) throw tokenExpired(rejection)
    always.set(renewed.info)
  }

  /** Returns the access token of the session. Undefined if a login is required and the token is optional. */
  async #tokenOf(
    session: TokenSource,
    rejected: string | undefined,
    isOptional: boolean,
  ): Promise<string | undefined> {
    try {
      const token = await getSessionToken(session, rejected)
      this.setToken(token)
      return token.access_token
    } catch (error) {
      if (isOptional && isPDSError(error) && error.code === 'LoginRequired') return undefined
      throw error
    }
  }
}

/** Returns a share token in the form of an access token. Only the service knows when it expires. */
function shareToken(access_token: string, now: number): KeptToken {
  return importToken({ access_token }, now)
}

/** Returns the token of a session. Throws the session's `PDSError`, or `RefreshFailed` for any other error. */
async function getSessionToken(session: TokenSource, rejected: string | undefined): Promise<TokenInfo> {
  try {
    const token = trimCredential(await session.getToken({ rejected }))
    if (tokenOption.accepts(token)) return token
  } catch (error) {
    if (isPDSError(error)) throw error
    const cause = sanitizeError(error, [rejected ?? ''])
    throw refreshFailed(`session.getToken failed${describeFailure(cause)}`, cause)
  }
  throw refreshFailed(`session.getToken must return ${tokenOption.wants}`)
}

/** Returns whether the code of an error starts with one of the codes, as the vendor's SDK compares them. */
function hasCode({ code }: PDSError, ...codes: readonly string[]): boolean {
  return codes.some((prefix) => code.startsWith(prefix))
}

function noToken(message: string): PDSError {
  return new PDSError(message, { code: 'AccessTokenInvalid', outcome: 'not-sent' })
}

/**
 * Creates the error for a rejected token that cannot be renewed. Its code is the one of the vendor's class. It keeps the
 * message of the service, which applications test, for example for `UserNotEnabled`.
 */
function tokenExpired({ message, status, reqId, outcome, request, response }: PDSError): PDSError {
  // The constructor adds these fields again, with the new code.
  const reason = message.replace(/ \[status: .*$/, '')
  return new PDSError(
    `the access token is no longer valid: call setToken with a new token, or set the option refresh_token_fun: ${reason}`,
    { code: 'TokenExpired', status, reqId, outcome, request, response },
  )
}
