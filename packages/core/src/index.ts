export type { PDSAuthorization } from './authorization.ts'
export { authorizeCall, type PDSCallAuthorization } from './authorize-call.ts'
export { callerError } from './caller-error.ts'
export {
  createTransport,
  type PDSTransport,
  type PDSTransportConfig,
  transportOptions,
} from './create-transport.ts'
export { parseEndpoint } from './endpoint.ts'
export type { PDSFetch, PDSFetchInit, PDSFetchResponse } from './fetch.ts'
export type {
  PDSErrorEvent,
  PDSHooks,
  PDSRequestEvent,
  PDSResponseEvent,
  PDSRetryEvent,
} from './hooks.ts'
export { invalidParameter } from './invalid-parameter.ts'
export {
  aBoolean,
  aFunction,
  checkOptions,
  isHeaderText,
  isPlainObject,
  milliseconds,
  type OptionKind,
} from './options.ts'
export { parseTokenInfo } from './parse-token-info.ts'
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
} from './pds-error.ts'
export type { PDSParams, PDSPostRequest } from './post.ts'
export { readBody } from './read-body.ts'
export { type ParamsReader, readParams } from './read-params.ts'
export {
  checkRequestConfig,
  type IPDSRequestConfig,
  type IPDSResponse,
  type PDSResult,
} from './request-config.ts'
export { type RevocationRequest, requestRevocation } from './request-revocation.ts'
export { requestToken, type TokenRequest } from './request-token.ts'
export { safeText } from './safe-text.ts'
export { isUnexpectedAnswer, UnexpectedAnswer } from './unexpected-answer.ts'
export { untilAborted } from './until-aborted.ts'
export { whenTooLate } from './when-too-late.ts'
