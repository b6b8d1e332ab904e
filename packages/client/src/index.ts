export {
  type AuthorizationRequest,
  type AuthorizationResponse,
  completeSignIn,
  createAuthorizationUrl,
  parseCallback,
  revokeToken,
  type SignInResult,
  type SignInWithPopupOptions,
  type SignInWithRedirectParams,
  signInWithPopup,
  signInWithRedirect,
} from '@pds/auth-oauth'

export type {
  IPDSRequestConfig,
  IPDSResponse,
  PDSClientErrorCode,
  PDSErrorCode,
  PDSErrorRequest,
  PDSErrorResponse,
  PDSFetch,
  PDSHooks,
  PDSOutcome,
  PDSResult,
  PDSTransport,
  PDSTransportConfig,
} from '@pds/core'

export { isPDSError, PDSError, reviveError } from '@pds/core/internal'
export type {
  IAuthorizationReq,
  IGetServiceJwtTokenReq,
  IGetTokenByCodeReq,
  IGetUserJwtTokenReq,
  IRefreshJwtTokenReq,
  IRefreshTokenReq,
  IRevokeTokenReq,
  ITokenInfo,
  LinkInfo,
  LoginType,
  TokenInfo,
  TokenSource,
} from '@pds/types'
export type { PDSClientConfig, PDSLogEvent, PDSLogger } from './client-config.ts'
export type { PDSErrorListener } from './error-listeners.ts'
export { PDSClient } from './pds-client.ts'
export type { RenewalContext } from './renew-credential.ts'
export { type VendorTokenInfo, type VendorTokens, vendorTokens } from './vendor-tokens.ts'
