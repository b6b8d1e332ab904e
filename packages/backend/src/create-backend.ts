import type { Session, Sessions } from '@pds/session'
import type { BackendOptions } from './backend-options.ts'
import { findSession } from './find-session.ts'
import { problemResponse, RequestProblem, toProblem } from './problem.ts'
import { isKnownOrigin, isNavigation } from './protection/check-origin.ts'
import { reportError } from './report-error.ts'
import { completeSignIn } from './routes/complete-sign-in.ts'
import type { Route, RouteContext } from './routes/route.ts'
import { signOut } from './routes/sign-out.ts'
import { startSignIn } from './routes/start-sign-in.ts'
import { giveToken } from './routes/token.ts'
import { readSettings, type Settings } from './settings.ts'
import { type RequestLike, toRequest } from './to-request.ts'

/** The routes of a back end. Its functions can be called without `this`. */
export interface Backend<Native = unknown> {
  /**
   * Responds to a request below `basePath`, and to the redirect URI. `native` is passed on to `userOf`.
   *
   * @throws What `createBackend` throws, if its options are a function. Every other error is a response.
   */
  handle(request: Request, native?: Native): Promise<Response>
  /**
   * Returns the session of the request's user, or undefined if no user is signed in. Takes a request of fetch, Express,
   * Fastify or Node.js, or only its headers.
   *
   * @throws PDSError with code `InvalidParameter`. Throws what `userOf` throws.
   * @example
   * ```ts
   * import type { Backend } from '@pds/backend'
   *
   * export async function nameOf(pds: Backend, request: Request): Promise<string> {
   *   const session = await pds.sessionOf(request)
   *   const status = await session?.status()
   *   return status?.user?.name ?? 'Guest'
   * }
   * ```
   */
  sessionOf(request: Request | Headers | RequestLike, native?: Native): Promise<Session | undefined>
  /**
   * The pool of the options, for example for `pds.sessions.signIn(user_id)` in your login.
   *
   * @throws What `createBackend` throws, if its options are a function.
   */
  readonly sessions: Sessions
}

/**
 * Creates the routes of a back end that gives its pages the access tokens of their users (a token-mediating backend).
 * Refresh tokens, the private key and the client secret stay on the server.
 *
 * | route | |
 * |---|---|
 * | `POST` `/pds/token` | responds with the access token; takes `{ "rejected": "…" }` |
 * | `POST` `/pds/sign-out` | revokes the token; status 204 |
 * | `GET` `/pds/sign-in?returnTo=/` | redirects to the sign-in page; with `signIn` |
 * | `GET` the path of the redirect URI | completes the sign-in, and redirects to `returnTo`; with `signIn` |
 *
 * @param options - The options, or a function that returns them. It is called at the first request, so a module can be loaded
 * without the settings of its environment.
 * @throws PDSError with code `InvalidParameter` if an option is unknown, missing or invalid.
 * @see OAuth 2.0 for Browser-Based Applications, section 6.2, and RFC 9700
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { jwtGrant } from '@pds/auth-jwt'
 * import { createBackend } from '@pds/backend'
 * import { createTransport } from '@pds/core'
 * import { createSessions } from '@pds/session'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const app = { domain_id: 'bj1', client_id: 'jwt-app', private_key_pem: readFileSync('key.pem', 'utf8') }
 * const users = createSessions({ grant: (user_id) => jwtGrant({ transport, ...app, user_id }) })
 *
 * // Replace this with the login of your application.
 * const yourLogin = (request: Request) => request.headers.get('x-user')
 * export const pds = createBackend({ sessions: users, userOf: (request) => yourLogin(request) })
 * ```
 */
export function createBackend<Native = unknown>(
  options: BackendOptions<Native> | (() => BackendOptions<Native>),
): Backend<Native> {
  let loaded: { readonly settings: Settings; readonly routes: ReadonlyMap<string, Route> } | undefined
  const load = () => {
    if (loaded) return loaded
    const settings = readSettings(
      (typeof options === 'function' ? options() : options) as BackendOptions<never>,
    )
    loaded = { settings, routes: createRoutes(settings) }
    return loaded
  }
  if (typeof options !== 'function') load()

  return {
    async handle(request, native) {
      const { settings, routes } = load()
      const headers = new Headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
      const context: RouteContext = { request, native: native as never, settings, headers }
      const response = await respond(routes, context)
      for (const [name, value] of headers) response.headers.append(name, value)
      return response
    },
    async sessionOf(given, native) {
      const { settings } = load()
      const request = toRequest(given, settings.origins.own)
      const context = { request, native: (native ?? given) as never, settings }
      return (await findSession(context))?.session
    },
    get sessions() {
      return load().settings.sessions
    },
  }
}

function createRoutes({ basePath, signIn }: Settings): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>([
    [`${basePath}/token`, { method: 'POST', run: giveToken }],
    [`${basePath}/sign-out`, { method: 'POST', run: signOut }],
  ])
  if (!signIn) return routes
  routes.set(`${basePath}/sign-in`, { method: 'GET', run: (context) => startSignIn(context, signIn) })
  return routes.set(signIn.callbackPath, {
    method: 'GET',
    run: (context) => completeSignIn(context, signIn),
  })
}

/** Responds to a request. Never rejects. */
async function respond(routes: ReadonlyMap<string, Route>, context: RouteContext): Promise<Response> {
  const { request, settings, headers } = context
  let isPage = false
  try {
    const route = routes.get(new URL(request.url).pathname)
    if (!route) throw new RequestProblem(404, 'NotFound')
    isPage = route.method === 'GET'
    if (!isPage && allowOrigin(context) && request.method === 'OPTIONS') {
      return new Response(null, { status: 204, headers: preflight })
    }
    if (request.method !== route.method) {
      throw new RequestProblem(405, 'MethodNotAllowed', { allow: route.method })
    }
    // Any page may link to a sign-in, and the service redirects to the callback.
    const isAllowed = isPage ? isNavigation(request) : isKnownOrigin(request, settings.origins)
    if (!isAllowed) throw new RequestProblem(403, 'ForeignOrigin')
    return await route.run(context)
  } catch (error) {
    const problem = toProblem(error, settings.clock())
    reportError(error, context, problem.status)
    const errorPath = isPage && settings.signIn?.errorPath
    if (!errorPath) return problemResponse(problem)
    const { code, reqId } = problem
    const query = new URLSearchParams({ code, ...(reqId && { reqId }) })
    headers.set('location', `${errorPath}${errorPath.includes('?') ? '&' : '?'}${query}`)
    return new Response(null, { status: 303 })
  }
}

const preflight = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'content-type',
  // In seconds.
  'access-control-max-age': '600',
}

/** Lets a page of a named origin read the response (CORS). Returns whether the request comes from one. */
function allowOrigin({ request, settings, headers }: RouteContext): boolean {
  const { named } = settings.origins
  const origin = request.headers.get('origin')
  if (named.size > 0) headers.set('vary', 'origin')
  if (origin === null || !named.has(origin)) return false
  headers.set('access-control-allow-origin', origin)
  headers.set('access-control-allow-credentials', 'true')
  headers.set('access-control-expose-headers', 'retry-after')
  return true
}
