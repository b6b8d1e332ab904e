import type { IEnvVariables } from '@pds/auth-jwt'
import type { BackendGrantOptions } from '@pds/backend/page'
import type { PDSClientErrorCode, PDSHooks, PDSOutcome, PDSServiceErrorCode } from '@pds/core'
import type { LoginRequiredCause, SessionEvents } from '@pds/session'
import type { Grant } from '@pds/types'

/* Names that exist only in types. The compiler checks that these lists are complete. */

type Literals<T> = T extends string ? (string extends T ? never : T) : never

export const sdkCodes: Record<PDSClientErrorCode, null> = {
  InvalidParameter: null,
  UnsupportedEnvironment: null,
  SigningFailed: null,
  RefreshFailed: null,
  Aborted: null,
  Timeout: null,
  NetworkError: null,
  Throttled: null,
  InvalidResponse: null,
  LoginRequired: null,
  StoreFailed: null,
  DecryptionFailed: null,
  RedirectUriMismatch: null,
  StateMissing: null,
  StateRepeated: null,
  StateMismatch: null,
  IssuerMissing: null,
  IssuerRepeated: null,
  IssuerMismatch: null,
  ErrorRepeated: null,
  CodeMissing: null,
  CodeRepeated: null,
  SignInNotBegun: null,
  PopupBlocked: null,
  PopupClosed: null,
  PortInUse: null,
  BrowserClosed: null,
  KeychainFailed: null,
}
export const serviceCodes: Record<Literals<PDSServiceErrorCode>, null> = {
  AccessTokenInvalid: null,
  InternalError: null,
  InvalidParameter: null,
  'InvalidParameter.ClientId': null,
  'InvalidParameter.RefreshToken': null,
  InvalidParameterEmpty: null,
  InvalidParameterExpired: null,
  InvalidParameterMissing: null,
  InvalidParameterNotMatch: null,
  InvalidParameterNotSupported: null,
  InvalidParameterOutOfRange: null,
  InvalidParameterWrongFormat: null,
  InvalidRequestJSONFormat: null,
  ShareLinkTokenInvalid: null,
  TokenExpired: null,
  access_denied: null,
  consent_required: null,
  interaction_required: null,
  invalid_client: null,
  invalid_grant: null,
  invalid_request: null,
  invalid_scope: null,
  login_required: null,
  server_error: null,
  temporarily_unavailable: null,
  unauthorized_client: null,
  unsupported_grant_type: null,
  unsupported_response_type: null,
  unsupported_token_type: null,
}
export const hooks: Record<keyof PDSHooks, null> = {
  beforeRequest: null,
  afterResponse: null,
  beforeRetry: null,
  beforeError: null,
}
export const outcomes: Record<PDSOutcome, null> = { 'not-sent': null, responded: null, unknown: null }
export const sessionEvents: Record<keyof SessionEvents, null> = {
  refreshed: null,
  login_required: null,
  signed_out: null,
  error: null,
  changed: null,
}
export const causes: Record<LoginRequiredCause, null> = {
  no_token: null,
  rejected: null,
  lost_response: null,
  expired: null,
  signed_out: null,
}
export const grantFields: Record<keyof Grant, null> = {
  obtain: null,
  refresh: null,
  revoke: null,
  signOut: null,
  id: null,
  origins: null,
  now: null,
  hasServerTime: null,
}
export const backendGrantOptions: Record<keyof BackendGrantOptions, null> = { url: null, fetch: null }
export const envVariables: Record<keyof IEnvVariables, null> = {
  PDS_DOMAIN_ID: null,
  PDS_API_ENDPOINT: null,
  PDS_CLIENT_ID: null,
  PDS_PRIVATE_KEY: null,
  PDS_PRIVATE_KEY_FILE: null,
  PDS_CLIENT_SECRET: null,
  PDS_REDIRECT_URI: null,
}
