// Helpers for the sibling @pds packages. They may change in any minor version. This entry must not load ky.
export { InvalidResponseError, isInvalidResponseError } from './errors/attempt-errors.ts'
export { invalidParameter } from './errors/invalid-parameter.ts'
export { isPDSError, PDSError } from './errors/pds-error.ts'
export {
  booleanOption,
  checkOptions,
  functionOption,
  isHeaderText,
  isPlainObject,
  millisecondsOption,
  type OptionValidator,
} from './options/options.ts'
export { type ParamsReader, readParams } from './options/read-params.ts'
export { sanitizeError, sanitizeText } from './redaction/sanitize.ts'
export { parseTokenInfo } from './token/parse-token-info.ts'
export { type RevocationRequest, requestRevocation } from './token/request-revocation.ts'
export { requestToken, type TokenRequest } from './token/request-token.ts'
export { rejectOnAbort } from './transport/abortable.ts'
export { authorizeCall } from './transport/authorization.ts'
export { parseEndpoint } from './transport/endpoint.ts'
export { readBody } from './transport/read-body.ts'
export { checkRequestConfig } from './transport/request-config.ts'
export { suspendAwareTimeout } from './transport/suspend-aware-timeout.ts'
export { transportOptions } from './transport/transport-config.ts'
