import { createSessions } from '@pds/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OpenOptions, Report } from './sessions/orders.ts'
import { SessionFleet, SessionProcess } from './sessions/session-fleet.ts'
import { makeGrant, openStore } from './sessions/session-parts.ts'
import { type SharedSession, signIn, startSharedSession } from './sessions/shared-session.ts'

/*
 * Pools of the same users in several processes, one of which is killed. Each pool keeps fewer sessions open than there
 * are users, so sessions are evicted and opened again all the time.
 */

const pool = { users: 40, max: 3 }
const callers = 5
const getToken = { type: 'getToken', callers } as const
const hour = 3_600_000

describe('pools of three sessions in four processes', () => {
  let fleet: SessionFleet
  let shared: SharedSession
  let options: OpenOptions
  let victim: SessionProcess | undefined

  beforeEach(async () => {
    fleet = await SessionFleet.start(4)
    shared = await startSharedSession('oauth', 'sqlite', '', {
      limits: { requestTimeout: 2000, leaseTime: 2000 },
    })
    options = { ...shared.options, pool }
    const { store, close } = await openStore(options.store)
    const users = createSessions({ store, ...options.limits, grant: () => makeGrant(options) })
    // The users signed in hours ago.
    shared.emulator.clock.reset()
    for (let index = 0; index < pool.users; index++) {
      await users.get(`user-${index}`).setToken(await signIn(shared.emulator))
    }
    await users.close()
    await close()
    shared.emulator.clock.advance(3 * hour)
    shared.emulator.clearRequests()
    await fleet.open(options)
  })

  afterEach(async () => {
    await victim?.end()
    victim = undefined
    await fleet.run({ type: 'close' })
    await fleet.end()
    await shared.close()
  })

  function expectOneTokenForEachUser({ results }: Report): void {
    expect(results.filter((result) => !('ok' in result))).toEqual([])
    expect(results).toHaveLength(4 * pool.users * callers)
    expect(new Set(results.map((result) => 'ok' in result && result.ok)).size).toBe(pool.users)
    const sent = shared.emulator.requests.filter(({ params }) => params.grant_type === 'refresh_token')
    expect(sent).toHaveLength(pool.users)
    expect(shared.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
  }

  it('refresh the token of each user once', async () => {
    expectOneTokenForEachUser(await fleet.run(getToken))
  })

  it.each(['before the request', 'after the commit'] as const)(
    'lose no token and spend none twice if a process is killed %s',
    async (point) => {
      victim = await SessionProcess.start()
      // With one renewal at a time, the kill interrupts a single renewal.
      const own = { ...options, pool: { ...pool, concurrency: 1 } }
      await victim.run({ type: 'open', options: { ...own, stopAt: { point, signal: 'SIGKILL' } } })
      await victim.runToStop(getToken)
      const report = await fleet.run(getToken)
      expectOneTokenForEachUser(report)
    },
  )
})
