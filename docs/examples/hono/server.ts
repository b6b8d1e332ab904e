import { type ServerType, serve } from '@hono/node-server'
import { errorResponse } from '@pds/backend'
import { honoHandler } from '@pds/backend/hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { csrf } from 'hono/csrf'
import { HTTPException } from 'hono/http-exception'
import { login, origin, pds, users } from '../back-end/pds.ts'

const app = new Hono()

app.all('/pds/*', honoHandler(pds))

app.use(csrf({ origin }), bodyLimit({ maxSize: 100_000 }))

app.post('/login', async (c) => {
  const { user_id } = (await c.req.json()) ?? {}
  if (typeof user_id !== 'string' || user_id === '') return c.body(null, 400)
  // Gets the first token, so that an invalid private key or setting fails here.
  await users.signIn(user_id)
  c.header('set-cookie', login.signIn(user_id))
  return c.body(null, 204)
})

app.post('/logout', (c) => {
  c.header('set-cookie', login.signOut(c.req.header('cookie')))
  return c.body(null, 204)
})

app.onError((error, c) => {
  // The body is not JSON, or a middleware has rejected the request.
  if (error instanceof SyntaxError) return c.body(null, 400)
  if (error instanceof HTTPException) return error.getResponse()
  console.error(error)
  return errorResponse(error)
})

const server: ServerType = serve(
  { fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1' },
  ({ port }) => console.log(`listening on port ${port}`),
)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log('shutting down')
    // Requests in progress still get their responses. Then the process exits.
    server.close(() => users.close())
    if ('closeAllConnections' in server) setTimeout(() => server.closeAllConnections(), 10_000).unref()
  })
}
