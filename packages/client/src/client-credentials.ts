import type { PDSAuthorization } from '@pds/core'
import { isPDSError, PDSError, sanitizeError } from '@pds/core/internal'
import type { TokenInfo, TokenSource } from '@pds/types'
import { aShareToken, aToken, type PDSClientConfig } from './client-config.ts'
import { refreshFailed, renewCredential } from './renew-credential.ts'
import { Renewable, type Renewal } from './renewable.ts'
import { newTokenWithExpiry, type TokenWithExpiry, tokenWithExpiry } from './token-with-expiry.ts'

/** What a client sends to the API: an access token, the token of a share link, or both, as the vendor's class does. */
export class ClientCredentials {
  readonly token: Renewable<TokenWithExpiry>
  readonly shareToken: Renewable<string>
  /** The server's time, in milliseconds since the epoch. */
  readonly #now: () => number
  /** Has the token, of which the one here is the last that it gave. */
  readonly #session: TokenSource | undefined

  constructor(config: PDSClientConfig, now: () => number) {
    const { token_info, share_token, refresh_token_fun, refresh_share_token_fun } = config
    // No longer than a call may last that waits for it.
    const { totalTimeout: limit = 60_000 } = config
    const renewal = <T>(name: string, renew: Renewal<T>['renew']): Renewal<T> => ({
      renew,
      limit,
      late: () => refreshFailed(`${name} did not end within ${limit} ms (option totalTimeout)`),
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
          const keep = (info: Parameters<typeof newTokenWithExpiry>[0]) => newTokenWithExpiry(info, now())
          return renewCredential('refresh_token_fun', refresh_token_fun, aToken, keep, secrets)
        }),
    )
    this.shareToken = new Renewable(
      share_token,
      (value) => value,
      refresh_share_token_fun &&
        renewal('refresh_share_token_fun', (stale = '') => {
          const keep = (value: string) => value
          return renewCredential('refresh_share_token_fun', refresh_share_token_fun, aShareToken, keep, [
            stale,
          ])
        }),
    )
  }

  /**
   * Authorizes one call. A token that has expired, or that there is none of yet, is obtained before it is sent. For a
   * credential that is refused another one is sent: the one that has replaced it meanwhile, or a renewed one.
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
        // A share token is enough by itself; who has signed in is known by the other one beside it.
        else if (hasShareToken || sentShareToken !== undefined) sentToken = await this.#optionalToken()
        else sentToken = await this.#usableToken(failures.token)
        return {
          ...(sentShareToken !== undefined && { 'x-share-token': sentShareToken }),
          ...(sentToken && { authorization: `Bearer ${sentToken.info.access_token}` }),
        }
      },
      renew: async (rejection) => {
        if (sentShareToken !== undefined && isAbout(rejection, 'ShareLinkTokenInvalid')) {
          if (!shareToken.canReplace(sentShareToken)) return false
          await shareToken.replace(sentShareToken, failures.shareToken)
        } else if (sentToken && isAbout(rejection, 'AccessTokenInvalid', 'TokenExpired')) {
          if (this.#session) await this.#replaceBySession(this.#session, sentToken, sentShareToken)
          else {
            if (!token.canReplace(sentToken)) throw tokenExpired(rejection)
            await token.replace(sentToken, failures.token)
          }
        } else return false
        // It may have been removed, and the other one be left.
        return token.value !== undefined || shareToken.value !== undefined
      },
    }
  }

  /** The token beside a share token, which is enough by itself. */
  async #optionalToken(): Promise<TokenWithExpiry | undefined> {
    if (!this.#session) return this.token.value
    return this.#tokenOf(this.#session).catch((error: PDSError) => {
      if (error.code !== 'LoginRequired') throw error
      return undefined
    })
  }

  /** What the session gives in place of a refused token is sent next; without it a share token goes alone. */
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
    const kept = tokenWithExpiry(await askSession(session, rejected))
    this.token.set(kept)
    return kept
  }

  async #usableToken(failures: number): Promise<TokenWithExpiry> {
    if (this.#session) return this.#tokenOf(this.#session)
    const { token } = this
    const current = token.value
    // Where it cannot be renewed the server is asked: it may be the clock here that is wrong.
    const isUsable = current !== undefined && !(current.expiresAt <= this.#now() && token.canReplace(current))
    const usable = isUsable ? current : await token.replace(current, failures)
    if (!usable) throw noToken()
    return usable
  }
}

/** Throws the `PDSError` of the session, and for anything else `RefreshFailed`. */
async function askSession(session: TokenSource, rejected: string | undefined): Promise<TokenInfo> {
  try {
    const token = await session.getToken({ rejected })
    if (aToken.accepts(token)) return token
  } catch (error) {
    throw isPDSError(error)
      ? error
      : refreshFailed('session.getToken threw, see cause', sanitizeError(error, [rejected ?? '']))
  }
  throw refreshFailed(`session.getToken must give ${aToken.wants}`)
}

/** Whether an error has one of some codes. The vendor's SDK takes what follows one for a detail of it. */
function isAbout({ code }: PDSError, ...codes: readonly string[]): boolean {
  return codes.some((known) => code.startsWith(known))
}

function noToken(): PDSError {
  return new PDSError('there is no access token: give the client a token_info, or call setToken first', {
    code: 'AccessTokenInvalid',
    outcome: 'not-sent',
  })
}

/** What the vendor's class says where a token was refused and cannot be renewed: it is time to sign in again. */
function tokenExpired({ status, reqId, outcome, request, response }: PDSError): PDSError {
  return new PDSError(
    'the access token is not valid any more: call setToken with a new one, or give the client a refresh_token_fun',
    { code: 'TokenExpired', status, reqId, outcome, request, response },
  )
}
