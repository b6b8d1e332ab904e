// What the other @pds packages need of this one. It may change in any minor version, and loads no HTTP client.
export { isUnexpectedAnswer, UnexpectedAnswer } from './errors/attempt-errors.ts'
export { invalidParameter } from './errors/invalid-parameter.ts'
export { isPDSError, PDSError } from './errors/pds-error.ts'
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
export { callerError, safeText } from './redaction/sanitize.ts'
export { parseTokenInfo } from './token/parse-token-info.ts'
export { type RevocationRequest, requestRevocation } from './token/request-revocation.ts'
export { requestToken, type TokenRequest } from './token/request-token.ts'
export { untilAborted } from './transport/abortable.ts'
export { authorizeCall } from './transport/authorization.ts'
export { parseEndpoint } from './transport/endpoint.ts'
export { readBody } from './transport/read-body.ts'
export { checkRequestConfig } from './transport/request-config.ts'
export { whenTooLate } from './transport/suspend-aware-timeout.ts'
export { transportOptions } from './transport/transport-config.ts'
