import { type PDSAuthorization, PDSError } from '@pds/core'
import { aShareToken, aToken, type PDSClientConfig } from './client-config.ts'
import { type KeptToken, keepNewToken, keepToken } from './kept-token.ts'
import { renewCredential } from './renew-credential.ts'
import { Renewable } from './renewable.ts'

/** What a client sends to the API: an access token, or a share token in place of it, as in the vendor's class. */
export class ClientCredentials {
  readonly token: Renewable<KeptToken>
  readonly shareToken: Renewable<string>
  /** The server's time, in milliseconds since the epoch. */
  readonly #now: () => number

  constructor(config: PDSClientConfig, now: () => number) {
    const { token_info, share_token, refresh_token_fun, refresh_share_token_fun } = config
    this.#now = now
    this.token = new Renewable(
      token_info && keepToken(token_info),
      refresh_token_fun &&
        (async ({ info }) => {
          const secrets = [info.access_token, info.refresh_token ?? '']
          const fresh = await renewCredential('refresh_token_fun', refresh_token_fun, aToken, secrets)
          return keepNewToken(fresh, now())
        }),
    )
    this.shareToken = new Renewable(
      share_token,
      refresh_share_token_fun &&
        ((stale) =>
          renewCredential('refresh_share_token_fun', refresh_share_token_fun, aShareToken, [stale])),
    )
  }

  /**
   * Authorizes one call. A token that has expired is renewed before it is sent. For one that is refused, another one
   * is sent: the one that has replaced it meanwhile, or a renewed one.
   */
  authorize(): PDSAuthorization {
    const { token, shareToken } = this
    let sentToken: KeptToken | undefined
    let sentShareToken: string | undefined
    return {
      headers: async () => {
        sentShareToken = shareToken.value
        if (sentShareToken !== undefined) return { 'x-share-token': sentShareToken }
        sentToken = token.value
        // Without a way to renew it the server is asked: it may be the clock here that is wrong.
        if (sentToken && sentToken.expiresAt <= this.#now() && token.canReplace(sentToken)) {
          sentToken = await token.replace(sentToken)
        }
        if (!sentToken) throw noToken()
        return { authorization: `Bearer ${sentToken.info.access_token}` }
      },
      renew: async (refused) => {
        if (sentShareToken !== undefined) {
          const isReplaceable =
            isAbout(refused, 'ShareLinkTokenInvalid') && shareToken.canReplace(sentShareToken)
          return isReplaceable && (await shareToken.replace(sentShareToken)) !== undefined
        }
        if (!sentToken || !isAbout(refused, 'AccessTokenInvalid', 'TokenExpired')) return false
        if (!token.canReplace(sentToken)) throw tokenExpired(refused)
        return (await token.replace(sentToken)) !== undefined
      },
    }
  }
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
