export {
  type AuthorizationRequest,
  type AuthorizationResponse,
  completeSignIn,
  createAuthorizationUrl,
  parseCallback,
  revokeToken,
  signInWithPopup,
  signInWithRedirect,
} from '@pds/auth-oauth'
export {
  type IPDSRequestConfig,
  type IPDSResponse,
  isPDSError,
  type PDSClientErrorCode,
  PDSError,
  type PDSErrorCode,
  type PDSErrorRequest,
  type PDSErrorResponse,
  type PDSFetch,
  type PDSHooks,
  type PDSOutcome,
  type PDSResult,
  type PDSTransport,
  type PDSTransportConfig,
} from '@pds/core'
export type {
  IAuthorizationReq,
  IGetServiceJwtTokenReq,
  IGetTokenByCodeReq,
  IGetUserJwtTokenReq,
  IRefreshJwtTokenReq,
  IRefreshTokenReq,
  IRevokeTokenReq,
  ITokenInfo,
  LoginType,
  TokenInfo,
  TokenSource,
} from '@pds/types'
export type { PDSClientConfig } from './client-config.ts'
export type { PDSErrorListener } from './error-listeners.ts'
export type { PDSLogEvent, PDSLogger } from './log-hooks.ts'
export { PDSClient } from './pds-client.ts'
