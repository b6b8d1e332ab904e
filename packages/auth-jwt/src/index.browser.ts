export type { IJwtGrantParams } from './jwt-grant.ts'
export { refreshJwtToken } from './refresh-jwt-token.ts'
export type { ISignAssertionReq } from './sign-assertion.ts'
export {
  getServiceJwtToken,
  getUserJwtToken,
  jwtGrant,
  signAssertion,
} from './signing.browser.ts'
