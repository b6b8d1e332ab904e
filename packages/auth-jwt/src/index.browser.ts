export type { IEnvVariables } from './env-reader.ts'
export type { IEnvSettings } from './from-env.ts'
export type { IJwtGrantParams } from './jwt-grant.ts'
export { refreshJwtToken } from './refresh-jwt-token.ts'
export type { ISignAssertionReq } from './sign-assertion.ts'
export {
  fromEnv,
  getServiceJwtToken,
  getUserJwtToken,
  jwtGrant,
  signAssertion,
} from './signing.browser.ts'
