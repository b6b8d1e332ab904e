import { type ServerType, serve } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { errorResponse } from '../back-end/error-response.ts'
import { beginSession, closeSessions, endSession, tokenForPage } from '../back-end/pds-sessions.ts'
import { StandInLogin } from '../back-end/stand-in-login.ts'

const { PORT = '3000', APP_ORIGIN = `http://127.0.0.1:${PORT}` } = process.env
const login = new StandInLogin(APP_ORIGIN)
const app = new Hono()

app.use(async (c, next) => {
  // No cache may store a token.
  c.header('cache-control', 'no-store')
  // The browser sends the origin of the page. A page of another site must not use the cookie (CSRF).
  const isCrossOrigin = c.req.method !== 'GET' && c.req.header('origin') !== APP_ORIGIN
  if (isCrossOrigin) return c.json({ code: 'ForeignOrigin' }, 403)
  return next()
})
app.use(bodyLimit({ maxSize: 100_000 }))

app.post('/login', async (c) => {
  const { user_id } = (await c.req.json()) ?? {}
  if (typeof user_id !== 'string' || user_id === '') return c.json({ code: 'InvalidParameter' }, 400)
  await beginSession(user_id)
  c.header('set-cookie', login.signIn(user_id))
  return c.body(null, 204)
})

app.post('/api/pds-token', async (c) => {
  const user_id = login.userOf(c.req.header('cookie'))
  if (user_id === undefined) return c.json({ code: 'LoginRequired' }, 401)
  const { rejected } = (await c.req.json()) ?? {}
  return c.json(await tokenForPage(user_id, rejected))
})

app.post('/logout', async (c) => {
  const cookie = c.req.header('cookie')
  const user_id = login.userOf(cookie)
  c.header('set-cookie', login.signOut(cookie))
  if (user_id !== undefined) await endSession(user_id)
  return c.body(null, 204)
})

app.onError((error, c) => {
  // The body is not JSON, or too long.
  if (error instanceof SyntaxError) return c.body(null, 400)
  if (error instanceof HTTPException) return c.body(null, error.status)
  const { status, body } = errorResponse(error)
  // A PDSError contains no secret.
  console.error(error)
  if (status === 503) c.header('retry-after', '5')
  return c.json(body, status)
})

const server: ServerType = serve(
  { fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' },
  ({ port }) => console.log(`listening on port ${port}`),
)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log('shutting down')
    // Requests in progress still get their responses. Then the process exits.
    server.close(closeSessions)
    if ('closeAllConnections' in server) setTimeout(() => server.closeAllConnections(), 10_000).unref()
  })
}
