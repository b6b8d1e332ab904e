import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { isControlRequest } from '../control/control-path.ts'
import type { Domain } from '../domain/domain.ts'
import { notSupported, ServiceError, tooLarge } from '../domain/service-error.ts'
import { faultMiddleware, type RequestContext } from '../faults/fault-middleware.ts'
import type { RequestTrace } from '../log/request-log.ts'
import { detectLanguage, wantsPage } from '../pages/content-negotiation.ts'
import { sendErrorPage } from '../pages/error-page.ts'
import { authorizePath } from './authorization-request.ts'
import { handleAuthorizeForm, handleAuthorizeRequest } from './authorize-routes.ts'
import { callApi } from './call-api.ts'
import { isAuthenticationError, withBasicCredentials } from './client-credentials.ts'
import { getShareToken } from './get-share-token.ts'
import { getUser } from './get-user.ts'
import { grantByAssertion, refreshAccountToken } from './jwt-grants.ts'
import { grantByCode, refreshOAuthGrant, revokeOAuthToken } from './oauth-grants.ts'
import { type Params, parseForm, parseJson, required } from './params.ts'
import { metadataPaths, revocationPath, serverMetadata } from './server-metadata.ts'

type GrantHandler = (domain: Domain, params: Params, trace: RequestTrace) => Promise<object>

const tokenGrants: Record<string, GrantHandler> = {
  'urn:ietf:params:oauth:grant-type:jwt-bearer': grantByAssertion,
  authorization_code: grantByCode,
  // The vendor's SDK sends `code`.
  code: grantByCode,
  refresh_token: refreshOAuthGrant,
}

/** Returns the routes of a domain. */
export function createApp(domain: Domain): Hono<{ Bindings: RequestContext }> {
  const app = new Hono<{ Bindings: RequestContext }>()

  // The vendor documents a browser flow, which needs CORS, but not the CORS headers of the service.
  const allowPages = cors({ origin: '*', exposeHeaders: ['x-ca-request-id', 'date'] })
  // Other origins must not read the sign-in pages.
  app.use((context, next) => (isPage(context) ? next() : allowPages(context, next)))
  app.use(faultMiddleware)
  app.use(async (context, next) => {
    if (context.env.isTooLarge) throw tooLarge()
    await next()
  })

  app.post('/v2/oauth/token', (context) =>
    withClientCredentials(context, async (params) => {
      const grant_type = required(params, 'grant_type')
      const grant = Object.hasOwn(tokenGrants, grant_type) ? tokenGrants[grant_type] : undefined
      if (!grant) throw notSupported('grant_type', `it must be one of ${Object.keys(tokenGrants).join(', ')}`)
      return tokenResponse(context, await grant(domain, params, context.env.trace))
    }),
  )
  app.post(revocationPath, (context) =>
    withClientCredentials(context, async (params) => {
      await revokeOAuthToken(domain, params, context.env.trace)
      return context.json({})
    }),
  )
  for (const path of metadataPaths) {
    app.get(path, (context) => context.json(serverMetadata(new URL(context.req.url).origin)))
  }
  app.post('/v2/account/token', async (context) =>
    tokenResponse(context, await refreshAccountToken(domain, await readJson(context), context.env.trace)),
  )
  app.post('/v2/account/revoke', async (context) => {
    revokeToken(domain, await readJson(context), context.env.trace)
    return context.body(null, 204)
  })
  app.use(authorizePath, detectLanguage, async (context, next) => {
    await next()
    // A redirect contains a code.
    context.header('cache-control', 'no-store')
  })
  app.get(authorizePath, (context) => handleAuthorizeRequest(domain, context))
  app.post(authorizePath, (context) => handleAuthorizeForm(domain, context))
  app.post('/v2/user/get', async (context) =>
    context.json(
      getUser(domain, context.req.header('authorization'), await readJson(context), context.env.trace),
    ),
  )

  app.post('/v2/share_link/get_share_token', async (context) =>
    context.json(getShareToken(domain, context.req.header('content-type'), await context.req.text())),
  )
  for (const [path, handler] of Object.entries(domain.api)) {
    const isOwn = app.routes.some((route) => route.method === 'POST' && route.path === path)
    if (isOwn || isControlRequest('POST', path)) {
      throw new TypeError(`api: ${path} is a path of the emulator, so its handler would not be called`)
    }
    app.post(path, (context) => callApi(domain, handler, context))
  }

  // The gateway in front of the service responds to unknown paths, without a body.
  app.notFound((context) =>
    context.body(null, 404, {
      'x-ca-error-code': 'I404NF',
      'x-ca-error-message': 'API not found',
    }),
  )
  app.onError((error, context) => {
    if (error instanceof ServiceError) {
      context.env.trace.error = error.code
      if (isPage(context)) return sendErrorPage(context, domain, error)
      return context.json(error.toJSON(), error.status as 400)
    }
    return context.json(
      {
        code: 'InternalError',
        message: 'Internal error of the emulator.',
        requestId: null,
      },
      500,
    )
  })
  return app
}

function isPage(context: Context): boolean {
  return context.req.path === authorizePath && wantsPage(context)
}

/** Sends a token response, which caches must not store (RFC 6749 section 5.1). */
function tokenResponse(context: Context, token: object): Response {
  context.header('cache-control', 'no-store')
  return context.json(token)
}

/**
 * Reads a form with client credentials in the body or in the `Authorization` header. After failed authentication by the
 * header, the response names its scheme (RFC 6749 section 5.2).
 */
async function withClientCredentials(
  context: Context,
  handle: (params: Params) => Promise<Response>,
): Promise<Response> {
  const { req } = context
  const authorization = req.header('authorization')
  try {
    const form = parseForm(req.header('content-type'), await req.text())
    return await handle(withBasicCredentials(form, authorization))
  } catch (error) {
    if (authorization === undefined || !(error instanceof ServiceError) || !isAuthenticationError(error))
      throw error
    context.header('www-authenticate', 'Basic realm="PDS emulator"')
    throw new ServiceError(401, error.code, error.message, error.field)
  }
}

/** Reads a JSON body. An empty body means an empty object. */
async function readJson({ req }: Context): Promise<Params> {
  const body = await req.text()
  return body === '' ? new Map() : parseJson(req.header('content-type'), body)
}

/**
 * Handles `POST /v2/account/revoke`, the sign-out of all types of applications.
 *
 * The vendor documents only its parameters. So the emulator follows RFC 7009: it revokes the access token together with
 * the refresh token (section 2.1), and an unknown or invalid token, or a token of another application, is not an error
 * (section 2.2). The call has no parameter for a client secret.
 */
function revokeToken(domain: Domain, params: Params, trace: RequestTrace): void {
  const { app } = domain.findApp(required(params, 'app_id'))
  domain.revoke(required(params, 'refresh_token'), app.client_id, trace)
}
