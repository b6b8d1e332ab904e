export {
  type IPDSRequestConfig,
  type IPDSResponse,
  isPDSError,
  PDSError,
  type PDSErrorCode,
  type PDSOutcome,
  type PDSResult,
  type PDSTransport,
  type PDSTransportConfig,
} from '@pds/core'
export type {
  IGetServiceJwtTokenReq,
  IGetTokenByCodeReq,
  IGetUserJwtTokenReq,
  IRefreshJwtTokenReq,
  IRefreshTokenReq,
  ITokenInfo,
} from '@pds/types'
export { PDSClient } from './pds-client.ts'
