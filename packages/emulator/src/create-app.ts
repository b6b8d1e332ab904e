import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { authorize } from './authorize.ts'
import type { Domain } from './domain.ts'
import { getUser } from './get-user.ts'
import { grantByAssertion, refreshJwtGrant } from './jwt-grants.ts'
import { meetFault, type RequestContext } from './meet-fault.ts'
import { grantByCode, refreshOAuthGrant } from './oauth-grants.ts'
import { type Params, parseForm, parseJson, required, uniqueParams } from './params.ts'
import { revokeToken } from './revoke-token.ts'
import { notSupported, ServiceError } from './service-error.ts'

const tokenGrants: Record<string, (domain: Domain, params: Params) => Promise<object>> = {
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
  app.use(cors({ origin: '*', exposeHeaders: ['x-ca-request-id', 'date'] }))
  app.use(meetFault)

  app.post('/v2/oauth/token', async (context) => {
    const params = await readForm(context)
    const grant_type = required(params, 'grant_type')
    const grant = Object.hasOwn(tokenGrants, grant_type) ? tokenGrants[grant_type] : undefined
    if (!grant) throw notSupported('grant_type', `it must be one of ${Object.keys(tokenGrants).join(', ')}`)
    return tokenAnswer(context, await grant(domain, params))
  })
  app.post('/v2/account/token', async (context) =>
    tokenAnswer(context, await refreshJwtGrant(domain, await readJson(context))),
  )
  app.post('/v2/account/revoke', async (context) => {
    revokeToken(domain, await readJson(context))
    return context.body(null, 204)
  })
  app.get('/v2/oauth/authorize', (context) =>
    context.redirect(authorize(domain, uniqueParams(new URL(context.req.url).searchParams))),
  )
  app.post('/v2/user/get', async (context) =>
    context.json(getUser(domain, context.req.header('authorization'), await readJson(context))),
  )

  // The gateway in front of the service answers for paths that it does not know, and sends no body.
  app.notFound((context) =>
    context.body(null, 404, {
      'x-ca-error-code': 'I404NF',
      'x-ca-error-message': 'API not found',
    }),
  )
  app.onError((error, context) => {
    if (error instanceof ServiceError) return context.json(error.toJSON(), error.status as 400)
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

/** Tokens must not be kept by a cache (RFC 6749 section 5.1). */
function tokenAnswer(context: Context, token: object): Response {
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
