import express, { type NextFunction, type Request, type Response } from 'express'
import { errorResponse } from '../back-end/error-response.ts'
import { beginSession, closeSessions, endSession, tokenForPage } from '../back-end/pds-sessions.ts'
import { StandInLogin } from '../back-end/stand-in-login.ts'

const { PORT = '3000', APP_ORIGIN = `http://127.0.0.1:${PORT}` } = process.env
const login = new StandInLogin(APP_ORIGIN)
const app = express().disable('x-powered-by')

/** An error of Express. `expose` says that the client may see its status. A PDSError has no `expose`. */
type HttpError = Error & { status?: number; expose?: boolean }

app.use((request, response, next) => {
  // No cache may store a token.
  response.set('cache-control', 'no-store')
  // The browser sends the origin of the page. A page of another site must not use the cookie (CSRF).
  const isCrossOrigin = request.method !== 'GET' && request.get('origin') !== APP_ORIGIN
  if (isCrossOrigin) response.status(403).json({ code: 'ForeignOrigin' })
  else next()
})
app.use(express.json())

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

// Express recognizes an error handler by its four parameters.
app.use((error: HttpError, _request: Request, response: Response, next: NextFunction) => {
  if (response.headersSent) return next(error)
  // Express could not read the body: it is not JSON, too long, or in another encoding.
  if (error.expose && error.status) return response.sendStatus(error.status)
  const { status, body } = errorResponse(error)
  // A PDSError contains no secret.
  console.error(error)
  if (status === 503) response.set('retry-after', '5')
  response.status(status).json(body)
})

const server = app.listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) throw error
  const address = server.address()
  console.log(`listening on port ${typeof address === 'object' ? address?.port : address}`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log('shutting down')
    // Requests in progress still get their responses. Then the process exits.
    server.close(closeSessions)
    setTimeout(() => server.closeAllConnections(), 10_000).unref()
  })
}
