import { getServiceJwtToken, getUserJwtToken, refreshJwtToken } from '@pds/auth-jwt'
import { getTokenByCode, refreshToken } from '@pds/auth-oauth'
import {
  createTransport,
  type IPDSRequestConfig,
  type PDSResult,
  type PDSTransport,
  type PDSTransportConfig,
} from '@pds/core'
import type {
  IGetServiceJwtTokenReq,
  IGetTokenByCodeReq,
  IGetUserJwtTokenReq,
  IRefreshJwtTokenReq,
  IRefreshTokenReq,
  ITokenInfo,
} from '@pds/types'

type Token<R extends boolean> = Promise<PDSResult<ITokenInfo, R>>

/**
 * Every token method on one class, under the names of the vendor's SDK.
 *
 * Each method is the function of the same name in `@pds/auth-jwt` or `@pds/auth-oauth`, where its errors and its
 * result are documented.
 */
export class PDSClient {
  /** What the functions of the flow packages take, for use beside this class. */
  readonly transport: PDSTransport

  /** Throws a `PDSError` `InvalidParameter` for an option that is unknown, missing or wrong. */
  constructor(config: PDSTransportConfig) {
    this.transport = createTransport(config)
  }

  /** Obtains an access token that stands for one user, with the key of a JWT application. Not in browsers. */
  getUserJwtToken<R extends boolean = false>(
    params: IGetUserJwtTokenReq,
    options?: IPDSRequestConfig<R>,
  ): Token<R> {
    return getUserJwtToken(this.transport, params, options)
  }

  /** Obtains an access token for the domain's service account, with the key of a JWT application. Not in browsers. */
  getServiceJwtToken<R extends boolean = false>(
    params: IGetServiceJwtTokenReq,
    options?: IPDSRequestConfig<R>,
  ): Token<R> {
    return getServiceJwtToken(this.transport, params, options)
  }

  /** Refreshes an access token that a JWT application obtained; the old one is invalid afterwards. */
  refreshJwtToken<R extends boolean = false>(
    params: IRefreshJwtTokenReq,
    options?: IPDSRequestConfig<R>,
  ): Token<R> {
    return refreshJwtToken(this.transport, params, options)
  }

  /** Exchanges the authorization code of an OAuth sign-in for an access token. */
  getTokenByCode<R extends boolean = false>(
    params: IGetTokenByCodeReq,
    options?: IPDSRequestConfig<R>,
  ): Token<R> {
    return getTokenByCode(this.transport, params, options)
  }

  /** Refreshes an access token of an OAuth sign-in; the old one is invalid afterwards. */
  refreshToken<R extends boolean = false>(
    params: IRefreshTokenReq,
    options?: IPDSRequestConfig<R>,
  ): Token<R> {
    return refreshToken(this.transport, params, options)
  }
}
