import type { PrivateKeyParams } from './private-key.ts'

/** @inline */
interface JwtTokenParams {
  /** The domain id: the first label of the endpoint's host name. */
  domain_id: string
  /** The id of the JWT application. */
  client_id: string
  /** The id of the subdomain. Default: omitted from the request. */
  subdomain_id?: string | undefined
}

/**
 * The parameters of `getUserJwtToken`. The private key is exactly one of `private_key_pem`, `private_key` and `signer`.
 *
 * Source: the vendor's page "Obtain an access token".
 */
export type IGetUserJwtTokenReq = JwtTokenParams &
  PrivateKeyParams & {
    /** The id of the user, unique in the domain. */
    user_id: string
    /** Whether to create the user if it does not exist; the domain's settings decide if it also gets a drive. Default: false. */
    auto_create?: boolean | undefined
  }

/**
 * The parameters of `getServiceJwtToken`. The private key is exactly one of `private_key_pem`, `private_key` and
 * `signer`.
 *
 * Source: the vendor's page "Obtain an access token".
 */
export type IGetServiceJwtTokenReq = JwtTokenParams & PrivateKeyParams

/**
 * The parameters of `refreshJwtToken`.
 *
 * Source: the vendor's page "Obtain an access token".
 */
export interface IRefreshJwtTokenReq {
  /** The id of the JWT application. */
  client_id: string
  /**
   * The refresh token of the current token pair. The call spends it.
   *
   * The type admits undefined because `ITokenInfo.refresh_token` is optional; the call then throws `InvalidParameter`
   * and sends nothing.
   */
  refresh_token: string | undefined
}
