import { problemResponse, toProblem } from './problem.ts'

/**
 * Returns the response for an error in your own routes, as the routes of a back end respond: a status that says whose
 * fault it is, and as `application/problem+json` the code and the service's request id. An error that is not a `PDSError`
 * becomes the status 500.
 *
 * @example
 * ```ts
 * import { errorResponse } from '@pds/backend'
 * import type { Sessions } from '@pds/session'
 *
 * export async function login(users: Sessions, user_id: string): Promise<Response> {
 *   try {
 *     await users.signIn(user_id)
 *     return new Response(null, { status: 204 })
 *   } catch (error) {
 *     return errorResponse(error)
 *   }
 * }
 * ```
 */
export function errorResponse(error: unknown): Response {
  const response = problemResponse(toProblem(error, Date.now()))
  response.headers.set('cache-control', 'no-store')
  return response
}
