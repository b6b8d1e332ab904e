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

type Granting = (domain: Domain, params: Params, trace: RequestTrace) => Promise<object>

const tokenGrants: Record<string, Granting> = {
  'urn:ietf:params:oauth:grant-type:jwt-bearer': grantByAssertion,
  authorization_code: grantByCode,
  // What the vendor's SDK sends.
  code: grantByCode,
  refresh_token: refreshOAuthGrant,
}

/** Puts the calls of a domain behind their paths. */
export function createApp(domain: Domain): Hono<{ Bindings: RequestContext }> {
  const app = new Hono<{ Bindings: RequestContext }>()

  // The vendor documents a flow for browsers, which needs CORS, and does not say how it is set up.
  const allowPages = cors({ origin: '*', exposeHeaders: ['x-ca-request-id', 'date'] })
  // What is shown to a person is for no other page to read.
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
    // A redirect carries a code.
    context.header('cache-control', 'no-store')
  })
  app.get(authorizePath, (context) => handleAuthorizeRequest(domain, context))
  app.post(authorizePath, (context) => handleAuthorizeForm(domain, context))
  app.post('/v2/user/get', async (context) =>
    context.json(
      getUser(domain, context.req.header('authorization'), await readJson(context), context.env.trace),
    ),
  )

  // The gateway in front of the service answers for paths that it does not know, and sends no body.
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
        message: 'The emulator failed.',
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

/** Tokens must not be kept by a cache (RFC 6749 section 5.1). */
function tokenResponse(context: Context, token: object): Response {
  context.header('cache-control', 'no-store')
  return context.json(token)
}

async function readForm({ req }: Context): Promise<Params> {
  return parseForm(req.header('content-type'), await req.text())
}

/** A JSON body; an empty one is an empty object. */
async function readJson({ req }: Context): Promise<Params> {
  const body = await req.text()
  return body === '' ? new Map() : parseJson(req.header('content-type'), body)
}

/**
 * `POST /v2/account/revoke`: signs out, for applications of each type.
 *
 * The vendor does not say more of it than its parameters. So the access token dies with the refresh token (RFC 7009
 * section 2.1), and a token that is unknown, dead or another application's is no error (section 2.2). The call has no
 * parameter for a secret.
 */
function revokeToken(domain: Domain, params: Params, trace: RequestTrace): void {
  const { app } = domain.findApp(required(params, 'app_id'))
  domain.revoke(required(params, 'refresh_token'), app.client_id, trace)
}
