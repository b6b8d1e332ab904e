import type { PrivateKeyParams } from './private-key.ts'

/** @inline */
interface JwtTokenParams {
  /** The id of the domain, the first label of its endpoint's host name. */
  domain_id: string
  /** The id of the JWT application. */
  client_id: string
  /** The id of a subdomain, sent when given. */
  subdomain_id?: string | undefined
}

/**
 * The parameters of `getUserJwtToken`: the private key as one of `private_key_pem`, `private_key` and `signer`. Source:
 * the vendor's page "Obtain an access token".
 */
export type IGetUserJwtTokenReq = JwtTokenParams &
  PrivateKeyParams & {
    /** The id of the user, unique in the domain. */
    user_id: string
    /** Whether to create the user, and its first drive where the domain is set up so. Default: false. */
    auto_create?: boolean | undefined
  }

/**
 * The parameters of `getServiceJwtToken`: the private key as one of `private_key_pem`, `private_key` and `signer`.
 * Source: the vendor's page "Obtain an access token".
 */
export type IGetServiceJwtTokenReq = JwtTokenParams & PrivateKeyParams

/** The parameters of `refreshJwtToken`. Source: the vendor's page "Obtain an access token". */
export interface IRefreshJwtTokenReq {
  /** The id of the JWT application. */
  client_id: string
  /** The refresh token that came with the access token. It is spent by this call. */
  refresh_token: string
}
