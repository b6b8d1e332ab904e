export type { PDSAuthorization } from './authorization.ts'
export { callerError } from './caller-error.ts'
export {
  createTransport,
  type PDSTransport,
  type PDSTransportConfig,
  transportOptions,
} from './create-transport.ts'
export type { PDSFetch, PDSFetchInit, PDSFetchResponse } from './fetch.ts'
export type {
  PDSErrorEvent,
  PDSHooks,
  PDSRequestEvent,
  PDSResponseEvent,
  PDSRetryEvent,
} from './hooks.ts'
export { invalidParameter } from './invalid-parameter.ts'
export { aBoolean, aFunction, checkOptions, isPlainObject, type OptionKind } from './options.ts'
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
export { type ParamsReader, readParams } from './read-params.ts'
export type {
  IPDSRequestConfig,
  IPDSResponse,
  PDSResult,
} from './request-config.ts'
export { requestToken, type TokenRequest } from './request-token.ts'
export { UnexpectedAnswer } from './unexpected-answer.ts'
