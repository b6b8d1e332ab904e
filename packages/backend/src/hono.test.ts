import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { honoHandler } from '@pds/backend/hono'
import { isPDSError } from '@pds/core'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeAdapter, nameOf, overHttp } from './adapters/describe-adapter.test-helper.ts'
import { listen, type RunningApp } from './adapters/running-app.test-helper.ts'
import { startTestBackend, type TestBackend, TestBrowser } from './test/test-backend.test-helper.ts'

type AppEnv = { Variables: { user: string | undefined } }

const start = ({ fetch }: Hono<AppEnv>) => listen(createAdaptorServer({ fetch }) as Server)

const readUser: MiddlewareHandler<AppEnv> = async (c, next) => {
  c.set('user', c.req.header('x-user'))
  c.header('set-cookie', 'app=1; Path=/')
  c.header('vary', 'accept-language')
  await next()
}

describeAdapter<Context<AppEnv>>('Hono', {
  userOf: (c) => c.get('user'),
  async start(pds) {
    const app = new Hono<AppEnv>()
    app.use(readUser)
    app.all('/pds/*', honoHandler(pds))
    app.get('/user', async (c) => c.text(await nameOf(await pds.sessionOf(c.req.raw, c))))
    app.onError((error, c) => c.text(`handled ${isPDSError(error) && error.code}`, 500))
    return start(app)
  },
})

describe('honoHandler', () => {
  let domain: TestBackend
  let app: RunningApp | undefined

  beforeEach(async () => {
    domain = await startTestBackend()
  })

  afterEach(async () => {
    await app?.close()
    await domain.close()
  })

  it.each(['json', 'text', 'arrayBuffer'] as const)(
    'accepts a body that a middleware has read with %s()',
    async (read) => {
      const readBody: MiddlewareHandler<AppEnv> = async (c, next) => {
        await c.req[read]()
        await next()
      }
      const pds = domain.ownLogin({ userOf: () => 'ann' })
      app = await start(new Hono<AppEnv>().use(readBody).all('/pds/*', honoHandler(pds)))
      const browser = new TestBrowser(overHttp(app.url))
      const { access_token } = await (await browser.post('/pds/token', {})).json()
      const renewed = await (await browser.post('/pds/token', { rejected: access_token })).json()
      expect(renewed).toMatchObject({ user_id: 'ann' })
      expect(renewed.access_token).not.toBe(access_token)
    },
  )

  it('keeps its cookies and the cookies of a middleware that has used the response', async () => {
    const handlers = new Hono<AppEnv>().use(readUser, cors({ origin: 'https://other.example.com' }))
    app = await start(handlers.all('/pds/*', honoHandler(domain.signIn())))
    const response = await new TestBrowser(overHttp(app.url)).open('/pds/sign-in', {
      origin: 'https://other.example.com',
    })
    expect(response.headers.get('access-control-allow-origin')).toBe('https://other.example.com')
    const names = response.headers.getSetCookie().map((cookie) => cookie.replace(/=.*/, ''))
    expect(names).toEqual(['app', '__Host-pds-sign-in'])
  })
})
