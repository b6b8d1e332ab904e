import { errorResponse } from '@pds/backend'
import { fastifyRoutes } from '@pds/backend/fastify'
import { type FastifyError, fastify } from 'fastify'
import { login, pds, users } from '../back-end/pds.ts'

const app = fastify({ bodyLimit: 100_000 })

app.register(fastifyRoutes(pds))

app.post('/login', async (request, reply) => {
  const { user_id } = Object(request.body)
  if (typeof user_id !== 'string' || user_id === '') return reply.code(400).send()
  // Gets the first token, so that an invalid private key or setting fails here.
  await users.signIn(user_id)
  return reply.header('set-cookie', login.signIn(user_id)).code(204).send()
})

app.post('/logout', async (request, reply) => {
  return reply.header('set-cookie', login.signOut(request.headers.cookie)).code(204).send()
})

app.setErrorHandler<FastifyError>((error, _request, reply) => {
  // Fastify could not read the body. A PDSError has no `statusCode`.
  if (error.statusCode) return reply.code(error.statusCode).send()
  console.error(error)
  return reply.send(errorResponse(error))
})

// Runs after the last response.
app.addHook('onClose', () => users.close())

const url = await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' })
console.log(`listening on port ${new URL(url).port}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log('shutting down')
    void app.close()
    setTimeout(() => app.server.closeAllConnections(), 10_000).unref()
  })
}
