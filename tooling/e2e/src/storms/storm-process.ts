import { setTimeout } from 'node:timers/promises'
import { inspect } from 'node:util'
import { isPDSError } from '@pds/core'
import { createSession, type Session } from '@pds/session'
import type { Grant, TokenInfo } from '@pds/types'
import { makeGrant, openStore } from '../sessions/session-parts.ts'
import type { StormMessage, StormOptions, StormOrder } from './storm-messages.ts'

/*
 * A process that is killed or stopped while many callers use its session. It reports each failure at once, because it
 * may be killed before its next message.
 */

/** The tokens that this process has received. */
const secrets = new Set<string>()
let isOver = false
let end: () => Promise<void> = async () => undefined

process.on('message', async (order: StormOrder) => {
  if (order.type === 'start') end = await start(order.options)
  else await end()
})

// The storm may have failed.
process.on('disconnect', () => {
  isOver = true
})

function send(message: StormMessage): void {
  process.send?.(message, () => undefined)
}

/** Starts the callers. Returns a function that ends them. */
async function start({ session: options, callers, lifetime }: StormOptions): Promise<typeof end> {
  const { store, close } = await openStore(options.store)
  const grant = issueShortLived(makeGrant(options), lifetime)
  const session = createSession({ key: 'user-1', grant, store, ...options.limits })
  for (const name of ['refreshed', 'login_required', 'signed_out', 'error'] as const) {
    session.subscribe(name, (event) => {
      findSecrets(event)
      send({ type: 'event', name })
    })
  }
  const calling = Array.from({ length: callers }, (_, index) => call(session, 10 + (index % 30)))
  send({ type: 'started' })
  return async () => {
    isOver = true
    const counts = await Promise.all(calling)
    session.close()
    await close()
    send({ type: 'done', calls: counts.reduce((sum, count) => sum + count) })
  }
}

/** Makes the tokens of a grant expire after a number of seconds. */
function issueShortLived({ refresh, ...grant }: Grant, expires_in: number): Grant {
  return {
    ...grant,
    async refresh(refresh_token, context) {
      const token = (await refresh?.(refresh_token, context)) as TokenInfo
      for (const secret of [token.access_token, token.refresh_token]) if (secret) secrets.add(secret)
      return { ...token, expires_in }
    },
  }
}

/** Gets a token again and again, with a pause in milliseconds. Returns the number of calls. */
async function call(session: Session, pause: number): Promise<number> {
  let calls = 0
  while (!isOver) {
    try {
      await session.getAccessToken()
    } catch (error) {
      findSecrets(error)
      send({ type: 'failed', error: textOf(error) })
    }
    calls++
    await setTimeout(pause)
  }
  return calls
}

function findSecrets(value: unknown): void {
  const text = `${inspect(value, { depth: 10 })} ${JSON.stringify(value)}`
  if ([...secrets].some((secret) => text.includes(secret))) send({ type: 'leaked' })
}

function textOf(error: unknown): string {
  return isPDSError(error) ? `${error.code}: ${error.message} (cause: ${error.cause})` : String(error)
}
