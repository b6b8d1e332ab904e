import { createAuthorizationUrl } from '@pds/auth-oauth'
import { RequestProblem } from '../problem.ts'
import { returnPath } from '../protection/return-path.ts'
import type { SignInSettings } from '../settings.ts'
import type { RouteContext } from './route.ts'

/** Starts a sign-in: stores what the callback must match in a cookie, and redirects to the sign-in page. */
export async function startSignIn(
  { request, headers }: RouteContext,
  { transport, params, cookies, origin }: SignInSettings,
): Promise<Response> {
  const given = new URL(request.url).searchParams.getAll('returnTo')
  const returnTo = returnPath(given[0] ?? '/', origin)
  if (returnTo === undefined || given.length > 1) throw new RequestProblem(400, 'InvalidParameter')
  const { url, ...authorization } = await createAuthorizationUrl(transport, params)
  const pending = [...(await cookies.readSignIns(request)), { ...authorization, returnTo }]
  headers.append('set-cookie', await cookies.writeSignIns(pending))
  return new Response(null, { status: 303, headers: { location: url } })
}
