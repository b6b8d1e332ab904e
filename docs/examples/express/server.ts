import { errorResponse } from '@pds/backend'
import { expressHandler } from '@pds/backend/express'
import express, { type ErrorRequestHandler } from 'express'
import { login, pds, users } from '../back-end/pds.ts'

const app = express().disable('x-powered-by')

app.use('/pds', expressHandler(pds))

app.post('/login', express.json(), async (request, response) => {
  const { user_id } = request.body ?? {}
  if (typeof user_id !== 'string' || user_id === '') {
    response.sendStatus(400)
    return
  }
  // Gets the first token, so that an invalid private key or setting fails here.
  await users.signIn(user_id)
  response.set('set-cookie', login.signIn(user_id)).sendStatus(204)
})

app.post('/logout', (request, response) => {
  response.set('set-cookie', login.signOut(request.get('cookie'))).sendStatus(204)
})

// Express recognizes an error handler by its four parameters.
const handleError: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error)
  // Express could not read the body. A PDSError has no `expose`.
  if (error.expose) return response.sendStatus(error.status)
  console.error(error)
  response.sendStatus(errorResponse(error).status)
}
app.use(handleError)

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', (error) => {
  if (error) throw error
  const address = server.address()
  console.log(`listening on port ${typeof address === 'object' ? address?.port : address}`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log('shutting down')
    // Requests in progress still get their responses. Then the process exits.
    server.close(() => users.close())
    setTimeout(() => server.closeAllConnections(), 10_000).unref()
  })
}
