/* Passes the routes of a back end and the session of a page to each framework. It is compiled, but does not run. */
import { createServer } from 'node:http'
import { type Backend, createBackend } from '@pds/backend'
import { expressHandler } from '@pds/backend/express'
import { fastifyRoutes } from '@pds/backend/fastify'
import { honoHandler } from '@pds/backend/hono'
import { nextHandlers } from '@pds/backend/next'
import { nodeHandler } from '@pds/backend/node'
import { backendGrant } from '@pds/backend/page'
import { PdsProvider, usePdsFetch, usePdsSession } from '@pds/react'
import { createSession, createSessions } from '@pds/session'
import express, { type Request as ExpressRequest } from 'express'
import { type FastifyRequest, fastify } from 'fastify'
import { type Context, Hono } from 'hono'
import { createElement, type ReactElement } from 'react'

const sessions = createSessions({ grant: () => ({ obtain: () => ({ access_token: 'a' }) }) })

// The request of the framework is the second argument of `userOf`.
export const ofExpress: Backend<ExpressRequest> = createBackend<ExpressRequest>({
  sessions,
  userOf: (_request, request) => request.get('x-user'),
})
export const ofFastify: Backend<FastifyRequest> = createBackend<FastifyRequest>({
  sessions,
  userOf: (_request, request) => request.id,
})
export const ofHono: Backend<Context> = createBackend<Context>({
  sessions,
  userOf: (_request, context) => context.req.header('x-user'),
})
// A back end that does not use it works with all frameworks.
export const ofAny: Backend = createBackend({ sessions, userOf: (request) => request.headers.get('x-user') })

express().all('/pds/*route', expressHandler(ofExpress), expressHandler(ofAny))
void fastify()
  .register(fastifyRoutes(ofFastify))
  .register(fastifyRoutes(ofAny, ['/drive/*']))
new Hono().all('/pds/*', honoHandler(ofHono)).all('/drive/*', honoHandler(ofAny))
createServer(nodeHandler(ofAny))
export const { GET, POST }: Record<'GET' | 'POST', (request: Request) => Promise<Response>> =
  nextHandlers(ofAny)

const session = createSession({ key: 'me', grant: backendGrant() })

function Page(): ReactElement {
  const pds = usePdsSession()
  const pdsFetch = usePdsFetch()
  const load = () => pdsFetch('https://bj1.api.aliyunpds.com/v2/user/get', { method: 'POST' })
  // Each status has its fields.
  const text =
    pds.status === 'signed_in' ? pds.user.name : pds.status === 'error' ? pds.error.code : pds.cause
  return createElement('button', { type: 'button', onClick: load }, text)
}

export const page: ReactElement = createElement(PdsProvider, { session }, createElement(Page))
