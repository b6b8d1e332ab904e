export { getServiceJwtToken } from './get-service-jwt-token.ts'
export { getUserJwtToken } from './get-user-jwt-token.ts'
export { refreshJwtToken } from './refresh-jwt-token.ts'
export { type ISignAssertionReq, signAssertion } from './sign-assertion.ts'
