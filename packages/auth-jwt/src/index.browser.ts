export { refreshJwtToken } from './refresh-jwt-token.ts'
export type { ISignAssertionReq } from './sign-assertion.ts'
export {
  getServiceJwtToken,
  getUserJwtToken,
  signAssertion,
} from './signing.browser.ts'
