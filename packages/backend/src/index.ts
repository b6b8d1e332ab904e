/**
 * Routes for a back end that signs its users in and gives its pages access tokens.
 *
 * @module
 * @mergeModuleWith <project>
 */

export type {
  BackendCookie,
  BackendOptions,
  BackendSignIn,
  BackendSignInParams,
  CookieSecret,
  OwnLoginOptions,
  SharedBackendOptions,
  SignInBackendOptions,
} from './backend-options.ts'
export { type Backend, createBackend } from './create-backend.ts'
export { errorResponse } from './error-response.ts'
export type { RequestLike } from './to-request.ts'
