import { createServer } from 'node:http'
import { expressHandler } from '@pds/backend/express'
import { isPDSError } from '@pds/core'
import express, { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeAdapter, nameOf, overHttp } from './adapters/describe-adapter.test-helper.ts'
import { listen, type RunningApp } from './adapters/running-app.test-helper.ts'
import { startTestBackend, type TestBackend, TestBrowser } from './test/test-backend.test-helper.ts'

interface AppRequest extends Request {
  user?: string | undefined
}

const handleError: ErrorRequestHandler = (error, _request, response, _next) => {
  response.status(500).send(`handled ${isPDSError(error) && error.code}`)
}

describeAdapter<AppRequest>('Express', {
  userOf: ({ user }) => user,
  async start(pds) {
    const app = express()
    app.use((request: AppRequest, response, next) => {
      request.user = request.get('x-user')
      response.cookie('app', '1').vary('accept-language')
      next()
    })
    app.use('/pds', expressHandler(pds))
    app.get('/user', async (request, response) => {
      response.send(await nameOf(await pds.sessionOf(request)))
    })
    app.use(handleError)
    return listen(createServer(app))
  },
})

describe('expressHandler', () => {
  let domain: TestBackend
  let app: RunningApp | undefined

  beforeEach(async () => {
    domain = await startTestBackend()
  })

  afterEach(async () => {
    await app?.close()
    await domain.close()
  })

  const readEmptyObject: RequestHandler = (request, _response, next) => {
    request.on('end', () => next()).resume()
    // As the body parsers for Express 4 do.
    request.body = {}
  }

  it.each([
    ['express.json()', express.json()],
    ['express.text()', express.text({ type: '*/*' })],
    ['express.raw()', express.raw({ type: '*/*' })],
  ])('accepts a body that %s has read', async (_name, parser) => {
    const pds = domain.ownLogin({ userOf: () => 'ann' })
    app = await listen(createServer(express().use(parser).use('/pds', expressHandler(pds))))
    const browser = new TestBrowser(overHttp(app.url))
    const { access_token } = await (await browser.post('/pds/token', {})).json()
    const renewed = await (await browser.post('/pds/token', { rejected: access_token })).json()
    expect(renewed).toMatchObject({ user_id: 'ann' })
    expect(renewed.access_token).not.toBe(access_token)
    expect((await browser.post('/pds/token')).status).toBe(200)
  })

  it.each([
    ['an empty object', readEmptyObject, 200],
    ['a form', express.urlencoded(), 415],
  ])('does not wait for a body from which a parser has read %s', async (_name, parser, status) => {
    const pds = domain.ownLogin({ userOf: () => 'ann' })
    app = await listen(createServer(express().use(parser).use('/pds', expressHandler(pds))))
    const browser = new TestBrowser(overHttp(app.url))
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const response =
      status === 200 ? await browser.post('/pds/token') : await browser.post('/pds/token', 'a=1', form)
    expect(response.status).toBe(status)
  })

  it('responds below the path of a mounted router', async () => {
    const pds = domain.ownLogin({ userOf: () => 'ann', basePath: '/app/pds' })
    const router = Router().all('/pds/*route', expressHandler(pds))
    app = await listen(createServer(express().use('/app', router)))
    const browser = new TestBrowser(overHttp(app.url))
    expect((await browser.post('/app/pds/token')).status).toBe(200)
    expect((await browser.post('/pds/token')).status).toBe(404)
  })

  it('takes a path that starts with two slashes for no host', async () => {
    const pds = domain.ownLogin({ userOf: () => 'ann' })
    app = await listen(createServer(express().use(express.json(), expressHandler(pds))))
    const headers = { origin: 'http://evil.example', 'content-type': 'application/json' }
    const url = `${app.url}//evil.example/pds/token`
    const response = await fetch(url, { method: 'POST', headers, body: '{}' })
    expect(response.status).toBe(404)
  })

  it.each([
    [true, 200],
    [false, 403],
  ])(
    'compares the origin of the page with that of a proxy if the application trusts it: %s',
    async (trust, status) => {
      const pds = domain.ownLogin({ userOf: () => 'ann' })
      const handlers = express().set('trust proxy', trust).use('/pds', expressHandler(pds))
      app = await listen(createServer(handlers))
      const headers = {
        origin: 'https://app.example.com',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'app.example.com',
      }
      const response = await fetch(`${app.url}/pds/token`, { method: 'POST', headers })
      expect(response.status).toBe(status)
    },
  )
})
