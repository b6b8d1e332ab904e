export { invalidParameter } from './errors/invalid-parameter.ts'
export { isUnexpectedAnswer, UnexpectedAnswer } from './errors/invalid-response-error.ts'
export {
  isPDSError,
  type PDSClientErrorCode,
  PDSError,
  type PDSErrorCode,
  type PDSErrorOptions,
  type PDSErrorRequest,
  type PDSErrorResponse,
  type PDSOutcome,
  type PDSServiceErrorCode,
} from './errors/pds-error.ts'
export {
  aBoolean,
  aFunction,
  checkOptions,
  isHeaderText,
  isPlainObject,
  milliseconds,
  type OptionKind,
} from './options/options.ts'
export { type ParamsReader, readParams } from './options/read-params.ts'
export { callerError } from './redaction/sanitize-error.ts'
export { safeText } from './redaction/sanitize-text.ts'
export { parseTokenInfo } from './token/parse-token-info.ts'
export { type RevocationRequest, requestRevocation } from './token/request-revocation.ts'
export { requestToken, type TokenRequest } from './token/request-token.ts'
export type { PDSAuthorization } from './transport/authorization.ts'
export { authorizeCall, type PDSCallAuthorization } from './transport/authorize-call.ts'
export {
  createTransport,
  type PDSTransport,
  type PDSTransportConfig,
  transportOptions,
} from './transport/create-transport.ts'
export { parseEndpoint } from './transport/endpoint.ts'
export type { PDSFetch, PDSFetchInit, PDSFetchResponse } from './transport/fetch-types.ts'
export type {
  PDSErrorEvent,
  PDSHooks,
  PDSRequestEvent,
  PDSResponseEvent,
  PDSRetryEvent,
} from './transport/hooks.ts'
export type { PDSParams, PDSPostRequest } from './transport/post.ts'
export { readBody } from './transport/read-body.ts'
export {
  checkRequestConfig,
  type IPDSRequestConfig,
  type IPDSResponse,
  type PDSResult,
} from './transport/request-config.ts'
export { whenTooLate } from './transport/suspend-aware-timeout.ts'
export { untilAborted } from './transport/until-aborted.ts'
