import { type Context, Hono } from 'hono'
import { checkNames, checkObject } from '../domain/check-fields.ts'
import type { Domain } from '../domain/domain.ts'
import type { FaultQueue } from '../faults/fault-queue.ts'
import { createCode } from '../routes/create-code.ts'
import { controlPath } from './control-path.ts'
import { readJsonBody } from './json-body.ts'

/** Returns the routes that read and change the domain, for other processes: the clock, users, codes and sessions. */
export function createDomainRoutes(domain: Domain, faults: FaultQueue): Hono {
  const app = new Hono()

  app.get(controlPath, (context) =>
    context.json({
      domain_id: domain.id,
      now: domain.clock.now(),
      apps: [...domain.apps.values()].map((registered) => registered.app),
      users: domain.listUsers(),
      sessions: domain.sessions,
      faults: faults.pending,
      invalidTokenUses: domain.invalidTokenUses,
    }),
  )

  const sendClock = (context: Context) => context.json({ now: domain.clock.now() })
  app.get(`${controlPath}clock`, sendClock)
  app.post(`${controlPath}clock`, async (context) => {
    const { advance } = await readObject(context, 'clock', ['advance'])
    domain.clock.advance(advance as number)
    return sendClock(context)
  })
  app.delete(`${controlPath}clock`, (context) => {
    domain.clock.reset()
    return sendClock(context)
  })

  app.get(`${controlPath}users`, (context) => context.json(domain.listUsers()))
  app.post(`${controlPath}users`, async (context) => {
    const names = ['user_id', 'user_name', 'nick_name', 'role']
    domain.createUser((await readObject(context, 'user', names)) as never)
    return context.json(domain.listUsers(), 201)
  })

  app.post(`${controlPath}codes`, async (context) => {
    const names = ['client_id', 'redirect_uri', 'user_id', 'scope', 'code_challenge', 'code_challenge_method']
    const code = createCode(domain, (await readObject(context, 'code', names)) as never)
    return context.json({ code }, 201)
  })

  app.get(`${controlPath}sessions`, (context) => context.json(domain.sessions))
  app.delete(`${controlPath}sessions`, (context) =>
    context.json({ ended: domain.endSessions(readFilter(context)) }),
  )
  return app
}

/** Reads a JSON object of a request. Throws a `TypeError` that names an unknown field. */
async function readObject(
  context: Context,
  what: string,
  names: readonly string[],
): Promise<Record<string, unknown>> {
  const fields = checkObject(what, await readJsonBody(context))
  checkNames(what, fields, names)
  return fields
}

function readFilter(context: Context): Record<string, string> {
  const filter = context.req.query()
  checkNames('sessions', filter, ['session_id', 'client_id', 'user_id'])
  return filter
}
