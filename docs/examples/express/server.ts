import express, { type NextFunction, type Request, type Response } from 'express'
import { errorResponse } from '../back-end/error-response.ts'
import { beginSession, closeSessions, endSession, tokenForPage } from '../back-end/pds-sessions.ts'
import { StandInLogin } from '../back-end/stand-in-login.ts'

const { PORT = '3000', APP_ORIGIN = `http://127.0.0.1:${PORT}` } = process.env
const login = new StandInLogin(APP_ORIGIN)
const app = express().disable('x-powered-by')

/** What Express throws, in which `expose` says that its status may be told. A PDSError has none. */
type HttpError = Error & { status?: number; expose?: boolean }

app.use((request, response, next) => {
  // No cache on the way may keep a token.
  response.set('cache-control', 'no-store')
  // Browsers say whose page a POST comes from: one of another site must not use the cookie.
  const isForeign = request.method !== 'GET' && request.get('origin') !== APP_ORIGIN
  if (isForeign) response.status(403).json({ code: 'ForeignOrigin' })
  else next()
})
app.use(express.json())

// #region routes
app.post('/login', async (request, response) => {
  const { user_id } = request.body ?? {}
  if (typeof user_id !== 'string' || user_id === '') {
    response.status(400).json({ code: 'InvalidParameter' })
    return
  }
  await beginSession(user_id)
  response.set('set-cookie', login.signIn(user_id)).status(204).end()
})

app.post('/api/pds-token', async (request, response) => {
  const user_id = login.userOf(request.get('cookie'))
  if (user_id === undefined) response.status(401).json({ code: 'LoginRequired' })
  else response.json(await tokenForPage(user_id, request.body?.rejected))
})

app.post('/logout', async (request, response) => {
  const cookie = request.get('cookie')
  const user_id = login.userOf(cookie)
  response.set('set-cookie', login.signOut(cookie))
  if (user_id !== undefined) await endSession(user_id)
  response.status(204).end()
})
// #endregion routes

// Express knows a handler of errors by its four parameters.
app.use((error: HttpError, _request: Request, response: Response, next: NextFunction) => {
  if (response.headersSent) return next(error)
  // A body that Express does not read: no JSON, too long, or in another encoding.
  if (error.expose && error.status) return response.sendStatus(error.status)
  const { status, body } = errorResponse(error)
  // A PDSError holds no secret.
  console.error(error)
  if (status === 503) response.set('retry-after', '5')
  response.status(status).json(body)
})

// #region shutdown
const server = app.listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) throw error
  const address = server.address()
  console.log(`listening on port ${typeof address === 'object' ? address?.port : address}`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log('shutting down')
    // What is under way is answered; with nothing left to do, the process ends by itself.
    server.close(closeSessions)
    setTimeout(() => server.closeAllConnections(), 10_000).unref()
  })
}
// #endregion shutdown
