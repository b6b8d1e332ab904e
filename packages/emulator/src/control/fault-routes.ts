import { Hono } from 'hono'
import type { FaultQueue } from '../faults/fault-queue.ts'
import { controlPath } from './control-path.ts'
import { readJsonBody } from './json-body.ts'

/** Returns the routes that list, inject and clear faults, for other processes. */
export function createFaultRoutes(faults: FaultQueue): Hono {
  const app = new Hono()
  app.get(`${controlPath}faults`, (context) => context.json(faults.pending))
  app.post(`${controlPath}faults`, async (context) => {
    faults.inject(await readJsonBody(context))
    return context.json(faults.pending, 201)
  })
  app.delete(`${controlPath}faults`, (context) => {
    faults.clear()
    return context.body(null, 204)
  })
  return app
}
