import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import type { Domain } from '../domain/domain.ts'
import { notSupported, ServiceError, tooLarge } from '../domain/service-error.ts'
import { faultMiddleware, type RequestContext } from '../faults/fault-middleware.ts'
import type { RequestTrace } from '../log/request-log.ts'
import { detectLanguage, wantsPage } from '../pages/content-negotiation.ts'
import { sendErrorPage } from '../pages/error-page.ts'
import { authorizePath } from './authorization-request.ts'
import { handleAuthorizeForm, handleAuthorizeRequest } from './authorize-routes.ts'
import { getUser } from './get-user.ts'
import { grantByAssertion, refreshJwtGrant } from './jwt-grants.ts'
import { grantByCode, refreshOAuthGrant } from './oauth-grants.ts'
import { type Params, parseForm, parseJson, required } from './params.ts'

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

  app.post('/v2/oauth/token', async (context) => {
    const params = await readForm(context)
    const grant_type = required(params, 'grant_type')
    const grant = Object.hasOwn(tokenGrants, grant_type) ? tokenGrants[grant_type] : undefined
    if (!grant) throw notSupported('grant_type', `it must be one of ${Object.keys(tokenGrants).join(', ')}`)
    return tokenResponse(context, await grant(domain, params, context.env.trace))
  })
  app.post('/v2/account/token', async (context) =>
    tokenResponse(context, await refreshJwtGrant(domain, await readJson(context), context.env.trace)),
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

async function readForm({ req }: Context): Promise<Params> {
  return parseForm(req.header('content-type'), await req.text())
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
