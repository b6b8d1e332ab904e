export type { Grant, GrantContext, TokenSource } from './grant.ts'
export type {
  IGetServiceJwtTokenReq,
  IGetUserJwtTokenReq,
  IRefreshJwtTokenReq,
} from './jwt-requests.ts'
export type {
  IAuthorizationReq,
  IGetTokenByCodeReq,
  IRefreshTokenReq,
  IRevokeTokenReq,
  LoginType,
  RedirectUriParams,
} from './oauth-requests.ts'
export type {
  ICryptoKey,
  IKeyObject,
  PrivateKeyParams,
  Signer,
} from './private-key.ts'
export type { ITokenInfo, LinkInfo, TokenInfo, TokenRole } from './token-info.ts'
