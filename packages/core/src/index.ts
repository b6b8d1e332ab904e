export type {
  PDSRequestEndMessage,
  PDSRequestErrorMessage,
  PDSRequestFailure,
  PDSRequestMessage,
  PDSRequestMessageBase,
  PDSRequestRetryMessage,
  PDSRequestStartMessage,
} from './diagnostics/request-message.ts'
export type { PDSEndpoints } from './endpoints/locate-endpoints.ts'
export type { PDSServerMetadata } from './endpoints/server-metadata.ts'
export type { PDSOutcome } from './errors/outcome.ts'
export {
  isPDSError,
  type PDSClientErrorCode,
  PDSError,
  type PDSErrorCode,
  type PDSErrorOptions,
  type PDSErrorRequest,
  type PDSErrorResponse,
  type PDSServiceErrorCode,
} from './errors/pds-error.ts'
export { reviveError } from './errors/revive-error.ts'
export type { ClientAuth, ClientCredentials } from './token/client-auth.ts'
export type { PDSAuthorization, PDSCallAuthorization } from './transport/authorization.ts'
export type { PDSTransport } from './transport/create-transport.ts'
export type { PDSFetch, PDSFetchInit, PDSFetchResponse } from './transport/fetch-types.ts'
export type {
  PDSErrorEvent,
  PDSHooks,
  PDSRequestEvent,
  PDSResponseEvent,
  PDSRetryEvent,
} from './transport/hooks.ts'
export { createTransport } from './transport/ky-transport.ts'
export type { PDSParams, PDSPostRequest } from './transport/post.ts'
export type { IPDSRequestConfig, IPDSResponse, PDSResult } from './transport/request-config.ts'
export type { PDSTransportConfig } from './transport/transport-config.ts'
