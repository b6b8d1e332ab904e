import { fastifyRoutes } from '@pds/backend/fastify'
import { isPDSError } from '@pds/core'
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeAdapter, nameOf } from './adapters/describe-adapter.test-helper.ts'
import { origin, startTestBackend, type TestBackend } from './test/test-backend.test-helper.ts'

declare module 'fastify' {
  interface FastifyRequest {
    user: string | undefined
  }
}

async function readUser(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { 'x-user': user } = request.headers
  request.user = typeof user === 'string' ? user : undefined
  reply.header('set-cookie', 'app=1; Path=/').header('vary', 'accept-language')
}

describeAdapter<FastifyRequest>('Fastify', {
  userOf: ({ user }) => user,
  async start(pds) {
    const app = fastify({ forceCloseConnections: true })
    app.decorateRequest('user', undefined)
    app.addHook('preHandler', readUser)
    app.setErrorHandler((error, _request, reply) => {
      reply.code(isPDSError(error) ? 500 : 400).send(`handled ${isPDSError(error) && error.code}`)
    })
    app.get('/user', async (request) => nameOf(await pds.sessionOf(request)))
    app.register(fastifyRoutes(pds))
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    return { url, close: () => app.close() }
  },
})

describe('fastifyRoutes', () => {
  let domain: TestBackend

  beforeEach(async () => {
    domain = await startTestBackend()
  })

  afterEach(() => domain.close())

  const tokenRequest = {
    method: 'POST',
    url: '/pds/token',
    headers: { origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
    payload: '{}',
  } as const

  it('applies the hooks of the application, and no body parser or serializer', async () => {
    const calls: string[] = []
    const app = fastify().register(fastifyRoutes(domain.ownLogin({ userOf: () => 'ann' })))
    app.addHook('onRequest', async () => void calls.push('onRequest'))
    app.addHook('preHandler', async () => void calls.push('preHandler'))
    app.addHook('onSend', async (_request, _reply, payload) => void calls.push(`onSend ${typeof payload}`))
    app.addContentTypeParser('application/json', () => calls.push('parser'))
    app.setReplySerializer(() => 'serialized')
    const response = await app.inject(tokenRequest)
    expect(response.json()).toMatchObject({ user_id: 'ann' })
    expect(calls).toEqual(['onRequest', 'preHandler', 'onSend object'])
    await app.close()
  })

  it('leaves the body parsers of other routes alone', async () => {
    const app = fastify().register(fastifyRoutes(domain.ownLogin()))
    app.post('/echo', async ({ body }) => body)
    expect((await app.inject({ ...tokenRequest, url: '/echo', payload: '{"a":1}' })).json()).toEqual({ a: 1 })
    await app.close()
  })

  it('responds to further paths, and below a prefix', async () => {
    const redirect_uri = `${origin}/callback`
    const app = fastify()
    app.register(
      fastifyRoutes(
        domain.signIn({ signIn: { transport: domain.transport, client_id: 'web-app', redirect_uri } }),
        ['/callback'],
      ),
    )
    app.register(fastifyRoutes(domain.ownLogin({ basePath: '/app/pds', userOf: () => 'ann' })), {
      prefix: '/app',
    })
    const callback = await app.inject('/callback?state=x&code=y')
    expect([callback.statusCode, callback.json()]).toEqual([400, { code: 'SignInNotBegun' }])
    expect((await app.inject({ ...tokenRequest, url: '/app/pds/token' })).statusCode).toBe(200)
    await app.close()
  })

  it('uses the URL that rewriteUrl returns', async () => {
    const app = fastify({ rewriteUrl: ({ url = '' }) => url.replace('/api', '') })
    app.register(fastifyRoutes(domain.ownLogin({ userOf: () => 'ann' })))
    expect((await app.inject({ ...tokenRequest, url: '/api/pds/token' })).statusCode).toBe(200)
    await app.close()
  })

  it.each([
    [true, 200],
    [false, 403],
  ])(
    'compares the origin of the page with that of a proxy if the application trusts it: %s',
    async (trustProxy, status) => {
      const app = fastify({ trustProxy }).register(fastifyRoutes(domain.ownLogin({ userOf: () => 'ann' })))
      const headers = { origin, 'x-forwarded-proto': 'https', 'x-forwarded-host': 'app.example.com' }
      const response = await app.inject({ method: 'POST', url: '/pds/token', headers })
      expect(response.statusCode).toBe(status)
      await app.close()
    },
  )

  it('registers in an application with HTTP/2', async () => {
    const app = fastify({ http2: true }).register(fastifyRoutes(domain.ownLogin({ userOf: () => 'ann' })))
    await app.ready()
    expect(app.hasRoute({ method: 'POST', url: '/pds/*' })).toBe(true)
    await app.close()
  })
})
