import { Hono } from 'hono'
import { ServiceError, tooLarge, wrongFormat } from '../domain/service-error.ts'
import type { FaultQueue } from '../faults/fault-queue.ts'
import { mediaType, readBody } from '../routes/params.ts'

/** The path prefix of the emulator's own routes. */
export const controlPath = '/_emulator/'

/** Returns the routes that list, inject and clear faults, for other processes. */
export function createFaultRoutes(faults: FaultQueue): Hono {
  const app = new Hono()
  app.get(`${controlPath}faults`, (context) => context.json(faults.pending))
  app.post(`${controlPath}faults`, async (context) => {
    // A page of another origin can send this type only after a preflight request, which fails here.
    if (mediaType(context.req.header('content-type')) !== 'application/json') {
      throw wrongFormat('Content-Type', 'it must be application/json')
    }
    const body = await readBody(context.req.raw)
    if (body === undefined) throw tooLarge()
    faults.inject(JSON.parse(body))
    return context.json(faults.pending, 201)
  })
  app.delete(`${controlPath}faults`, (context) => {
    faults.clear()
    return context.body(null, 204)
  })
  app.onError((error, context) => {
    const message = error instanceof TypeError ? error.message : 'The request body is not JSON.'
    const response =
      error instanceof ServiceError ? error : new ServiceError(400, 'InvalidParameter', message)
    return context.json(response.toJSON(), response.status as 400 | 413)
  })
  return app
}
