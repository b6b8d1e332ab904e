// Helpers for the sibling @pds packages. They may change in any minor version. This entry must not load ky.

import {
  createCallId as createId,
  listFields as list,
  openChannel as open,
  readBody as read,
} from '#platform'
import type { readText } from './call/read-text.ts'
import type { createCallId as createCallIdOfServer } from './diagnostics/create-call-id.ts'
import type {
  listFields as listFieldsOfServer,
  openChannel as openChannelOfServer,
} from './diagnostics/open-channel.ts'

// Constants, because declarations for old resolvers must not name `#platform`.

/** Returns a body as text. */
export const readBody: typeof readText = read

/** Returns an id for a call that is unique in this process. */
export const createCallId: typeof createCallIdOfServer = createId

/** Returns a channel of `node:diagnostics_channel`. */
export const openChannel: typeof openChannelOfServer = open

/** Returns fields for a line of `NODE_DEBUG=pds`. */
export const listFields: typeof listFieldsOfServer = list

export type { DiagnosticsChannel } from './diagnostics/open-channel.ts'

export { encodeText, sha256, toBase64, toBase64Url } from './encoding/base64.ts'
export { isLoopback, parseEndpoint } from './endpoints/endpoint.ts'
export { locateEndpoints } from './endpoints/locate-endpoints.ts'
export { InvalidResponseError, isInvalidResponseError } from './errors/attempt-errors.ts'
export { invalidParameter, mustBe } from './errors/invalid-parameter.ts'
export { isPDSError, PDSError } from './errors/pds-error.ts'
export { reviveError } from './errors/revive-error.ts'
export {
  anyOption,
  booleanOption,
  checkOptions,
  countOption,
  functionOption,
  isHeaderText,
  isPlainObject,
  maxTimerDelay,
  millisecondsOption,
  type OptionValidator,
  type RequiredOption,
  requiredText,
  textOption,
} from './options/options.ts'
export { type CheckedParams, readParams } from './options/read-params.ts'
export { sanitizeError, sanitizeText } from './redaction/sanitize.ts'
export { checkToken, isBearer } from './token/check-token.ts'
export { authenticateClient } from './token/client-auth.ts'
export { parseTokenInfo } from './token/parse-token-info.ts'
export { type RevocationRequest, requestRevocation } from './token/request-revocation.ts'
export { requestToken, type TokenRequest } from './token/request-token.ts'
export { trimTokens } from './token/trim-tokens.ts'
export { rejectOnAbort } from './transport/abortable.ts'
export { authorizeCall } from './transport/authorization.ts'
export { listen } from './transport/listen.ts'
export { appendParams, checkRequestConfig, paramsOption } from './transport/request-config.ts'
export { transportOptions } from './transport/transport-config.ts'
export { checkTransport, transportOption } from './transport/transport-option.ts'
export { withTimeout } from './transport/with-timeout.ts'
