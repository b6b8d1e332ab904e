import { Hono } from 'hono'
import { ServiceError, tooLarge, wrongFormat } from '../domain/service-error.ts'
import type { FaultQueue } from '../faults/fault-queue.ts'
import { mediaType, readBody } from '../routes/params.ts'

/** The path below which an emulator is told what to do, beside the calls of its domain. */
export const controlPath = '/_emulator/'

/** The calls that inject faults, for those who are not in the emulator's process. */
export function createFaultRoutes(faults: FaultQueue): Hono {
  const app = new Hono()
  app.get(`${controlPath}faults`, (context) => context.json(faults.pending))
  app.post(`${controlPath}faults`, async (context) => {
    // A page of another origin cannot send this type without being asked first, and it is not.
    if (mediaType(context.req.header('content-type')) !== 'application/json') {
      throw wrongFormat('Content-Type', 'application/json is expected')
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
    const why = error instanceof TypeError ? error.message : 'The request body is not JSON.'
    const response = error instanceof ServiceError ? error : new ServiceError(400, 'InvalidParameter', why)
    return context.json(response.toJSON(), response.status as 400 | 413)
  })
  return app
}
