export { getTokenByCode } from './get-token-by-code.ts'
export { type IOAuthGrantParams, oauthGrant } from './oauth-grant.ts'
export { refreshToken } from './refresh-token.ts'
