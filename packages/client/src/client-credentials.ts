import type { PDSAuthorization } from '@pds/core'
import { isPDSError, PDSError, sanitizeError } from '@pds/core/internal'
import type { TokenInfo, TokenSource } from '@pds/types'
import { type PDSClientConfig, shareTokenOption, tokenOption } from './client-config.ts'
import { refreshFailed, renewCredential, trimCredential } from './renew-credential.ts'
import { Renewable, type Renewal } from './renewable.ts'
import { newTokenWithExpiry, type TokenWithExpiry, tokenWithExpiry } from './token-with-expiry.ts'

/** The credentials of a client: an access token, a share token, or both. */
export class ClientCredentials {
  readonly token: Renewable<TokenWithExpiry>
  readonly shareToken: Renewable<string>
  /** Returns the server's time, in milliseconds since the epoch. */
  readonly #now: () => number
  /** The source of the token, if the client has a session. `token` is then the last token of the session. */
  readonly #session: TokenSource | undefined

  constructor(config: PDSClientConfig, now: () => number) {
    const { token_info, share_token, refresh_token_fun, refresh_share_token_fun } = config
    // A renewal may take as long as a call that waits for it.
    const { totalTimeout: limit = 60_000 } = config
    const renewal = <T>(name: string, renew: Renewal<T>['renew']): Renewal<T> => ({
      renew,
      limit,
      timeoutError: () => refreshFailed(`${name} did not finish within ${limit} ms (option totalTimeout)`),
    })
    this.#now = now
    this.#session = config.session
    this.token = new Renewable(
      token_info && tokenWithExpiry(token_info),
      ({ info }) => info.access_token,
      refresh_token_fun &&
        renewal('refresh_token_fun', (stale) => {
          const { access_token = '', refresh_token = '' } = stale?.info ?? {}
          const secrets = [access_token, refresh_token]
          const toStored = (info: TokenInfo) => newTokenWithExpiry(info, now())
          return renewCredential('refresh_token_fun', refresh_token_fun, tokenOption, toStored, secrets)
        }),
    )
    this.shareToken = new Renewable(
      share_token,
      (value) => value,
      refresh_share_token_fun &&
        renewal('refresh_share_token_fun', (stale = '') => {
          const toStored = (value: string) => value
          return renewCredential(
            'refresh_share_token_fun',
            refresh_share_token_fun,
            shareTokenOption,
            toStored,
            [stale],
          )
        }),
    )
  }

  /**
   * Creates the authorization of one call. It obtains a token before the first attempt if the token is missing or
   * expired. A rejected credential is replaced by a newer one, if there is one already, or else by a renewed one.
   */
  authorize(): PDSAuthorization {
    const { token, shareToken } = this
    const failures = { token: token.failures, shareToken: shareToken.failures }
    let sentToken: TokenWithExpiry | undefined
    let sentShareToken: string | undefined
    return {
      headers: async (own) => {
        const hasShareToken = 'x-share-token' in own
        sentShareToken = hasShareToken ? undefined : shareToken.value
        if ('authorization' in own) sentToken = undefined
        // A share token needs no access token. An access token is sent too, because it identifies the user.
        else if (hasShareToken || sentShareToken !== undefined) sentToken = await this.#optionalToken()
        else sentToken = await this.#usableToken(failures.token)
        return {
          ...(sentShareToken !== undefined && { 'x-share-token': sentShareToken }),
          ...(sentToken && { authorization: `Bearer ${sentToken.info.access_token}` }),
        }
      },
      renew: async (rejection) => {
        if (sentShareToken !== undefined && hasCode(rejection, 'ShareLinkTokenInvalid')) {
          if (!shareToken.canReplace(sentShareToken)) return false
          await shareToken.replace(sentShareToken, failures.shareToken)
        } else if (sentToken && hasCode(rejection, 'AccessTokenInvalid', 'TokenExpired')) {
          if (this.#session) await this.#replaceBySession(this.#session, sentToken, sentShareToken)
          else {
            if (!token.canReplace(sentToken)) throw tokenExpired(rejection)
            await token.replace(sentToken, failures.token)
          }
        } else return false
        // The rejected credential may have been removed. Retry only if one of the two is left.
        return token.value !== undefined || shareToken.value !== undefined
      },
    }
  }

  /** Returns the access token to send with a share token. Undefined if the client has no access token. */
  async #optionalToken(): Promise<TokenWithExpiry | undefined> {
    if (!this.#session) return this.token.value
    return this.#tokenOf(this.#session).catch((error: PDSError) => {
      if (error.code !== 'LoginRequired') throw error
      return undefined
    })
  }

  /** Obtains a new token from the session. If a login is required, a share token is sent without an access token. */
  async #replaceBySession(
    session: TokenSource,
    rejected: TokenWithExpiry,
    shareToken: string | undefined,
  ): Promise<void> {
    try {
      await this.#tokenOf(session, rejected.info.access_token)
    } catch (error) {
      if (shareToken === undefined || !isPDSError(error) || error.code !== 'LoginRequired') throw error
    }
  }

  async #tokenOf(session: TokenSource, rejected?: string): Promise<TokenWithExpiry> {
    const current = tokenWithExpiry(await getSessionToken(session, rejected))
    this.token.set(current)
    return current
  }

  async #usableToken(failures: number): Promise<TokenWithExpiry> {
    if (this.#session) return this.#tokenOf(this.#session)
    const { token } = this
    const current = token.value
    // An expired token that cannot be renewed is sent anyway: the local clock may be wrong.
    const isUsable = current !== undefined && !(current.expiresAt <= this.#now() && token.canReplace(current))
    const usable = isUsable ? current : await token.replace(current, failures)
    if (!usable) throw noToken()
    return usable
  }
}

/** Returns the token of a session. Throws the session's `PDSError`, or `RefreshFailed` for any other error. */
async function getSessionToken(session: TokenSource, rejected: string | undefined): Promise<TokenInfo> {
  try {
    const token = trimCredential(await session.getToken({ rejected }))
    if (tokenOption.accepts(token)) return token
  } catch (error) {
    throw isPDSError(error)
      ? error
      : refreshFailed('session.getToken threw, see cause', sanitizeError(error, [rejected ?? '']))
  }
  throw refreshFailed(`session.getToken must return ${tokenOption.wants}`)
}

/** Returns whether the code of an error starts with one of the codes, as the vendor's SDK compares them. */
function hasCode({ code }: PDSError, ...codes: readonly string[]): boolean {
  return codes.some((prefix) => code.startsWith(prefix))
}

function noToken(): PDSError {
  return new PDSError('there is no access token: set the option token_info or call setToken', {
    code: 'AccessTokenInvalid',
    outcome: 'not-sent',
  })
}

/** Creates the error for a rejected token that cannot be renewed. Its code is the one of the vendor's class. */
function tokenExpired({ status, reqId, outcome, request, response }: PDSError): PDSError {
  return new PDSError(
    'the access token is no longer valid: call setToken with a new token, or set the option refresh_token_fun',
    { code: 'TokenExpired', status, reqId, outcome, request, response },
  )
}
