export { getTokenByCode } from './get-token-by-code.ts'
export { refreshToken } from './refresh-token.ts'
