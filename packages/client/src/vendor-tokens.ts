import type { ITokenInfo, TokenInfo, TokenSource } from '@pds/types'

/** The options of the vendor's `PDSClient` that provide its token. */
export interface VendorTokens {
  /** The current token, without its refresh token. */
  token_info: VendorTokenInfo
  /** Returns the token of the next calls. The vendor's SDK calls it before a call, at most every 2 seconds. */
  always_get_token_fun: () => Promise<VendorTokenInfo>
  /** Replaces the token that the service has rejected. The vendor's SDK calls it after a rejection. */
  refresh_token_fun: () => Promise<VendorTokenInfo>
}

/**
 * A token as the vendor's SDK reads it: without a refresh token, which only the session spends. Times are ISO 8601 in UTC.
 *
 * Not an interface, which would not fit the index signature of the vendor's type.
 */
export type VendorTokenInfo = Pick<ITokenInfo, 'access_token'> &
  Partial<Pick<ITokenInfo, 'expire_time' | 'user_id' | 'default_drive_id' | 'domain_id'>>

/**
 * Returns the options with which the vendor's SDK, `aliyun-pds-js-sdk`, takes its tokens from a session, so that its
 * uploads and downloads share the refresh with all other calls.
 *
 * Use the result for one client only: it remembers which token that client sent. Throws what `session.getToken` throws,
 * for example a `PDSError` with code `LoginRequired`.
 *
 * @example
 * ```ts
 * import { type TokenSource, vendorTokens } from '@pds/client'
 *
 * export async function vendorOptions(session: TokenSource): Promise<object> {
 *   return { api_endpoint: 'https://bj1.api.aliyunpds.com', ...(await vendorTokens(session)) }
 * }
 * ```
 */
export async function vendorTokens(session: TokenSource): Promise<VendorTokens> {
  let sent = await session.getToken()
  let isAsked = false
  return {
    token_info: vendorTokenInfo(sent),
    async always_get_token_fun() {
      isAsked = true
      sent = await session.getToken()
      return vendorTokenInfo(sent)
    },
    async refresh_token_fun() {
      const token = await session.getToken({ rejected: sent.access_token })
      // After a rejection, the vendor's SDK sends its cached token for up to 2 seconds, and calls this function again. So
      // the rejected token is the last one of `always_get_token_fun`, if the SDK has that option.
      if (!isAsked) sent = token
      return vendorTokenInfo(token)
    },
  }
}

function vendorTokenInfo({
  access_token,
  expire_time,
  user_id,
  default_drive_id,
  domain_id,
}: TokenInfo): VendorTokenInfo {
  return {
    access_token,
    ...(expire_time !== undefined && { expire_time }),
    ...(user_id !== undefined && { user_id }),
    ...(default_drive_id !== undefined && { default_drive_id }),
    ...(domain_id !== undefined && { domain_id }),
  }
}
