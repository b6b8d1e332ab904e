export type { Grant, GrantContext, TokenSource } from './grant.ts'
export type {
  IGetServiceJwtTokenReq,
  IGetUserJwtTokenReq,
  IRefreshJwtTokenReq,
} from './jwt-requests.ts'
export type {
  IGetTokenByCodeReq,
  IRefreshTokenReq,
  RedirectUriParams,
} from './oauth-requests.ts'
export type {
  ICryptoKey,
  IKeyObject,
  PrivateKeyParams,
  Signer,
} from './private-key.ts'
export type { ITokenInfo, TokenInfo, TokenRole } from './token-info.ts'
