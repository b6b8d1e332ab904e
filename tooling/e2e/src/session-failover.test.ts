import { oauthGrant } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import type { Session } from '@pds/session'
import { redisStore } from '@pds/session-redis'
import type { Grant } from '@pds/types'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  hour,
  recordEvents,
  startTestDomain,
  type TestDomain,
} from '../../../packages/session/src/test/test-domain.test-helper.ts'
import { redisIsMissing } from '../../../packages/session-redis/src/start-redis.test-helper.ts'
import {
  type RunningPair,
  startRedisPair,
} from '../../../packages/session-redis/src/start-redis-pair.test-helper.ts'

/*
 * A primary is killed before its replica has the last write, and the replica is promoted. The two sessions simulate two
 * processes: each has its own connection and store.
 */

let domain: TestDomain
let pair: RunningPair

/** Opens a session over node-redis. */
async function openFirst(grant?: Grant): Promise<Session> {
  const client = createClient({ url: pair.url, socket: { reconnectStrategy: () => 0 } })
  await client.on('error', () => undefined).connect()
  onTestFinished(() => client.destroy())
  return domain.oauth({ store: redisStore({ client }), ...(grant && { grant }) })
}

/** Opens the same session over ioredis. */
function openSecond(): Session {
  const client = new Redis(pair.url, { retryStrategy: () => 0, maxRetriesPerRequest: null })
  onTestFinished(() => client.disconnect())
  client.on('error', () => undefined)
  return domain.oauth({ store: redisStore({ client }) })
}

/** Lets time pass for the sessions and for the service. */
function pass(milliseconds: number): void {
  vi.advanceTimersByTime(milliseconds)
  domain.emulator.clock.advance(milliseconds)
}
// After this time, a session reads its record again. It then still writes back what the store has lost.
const pollInterval = 5001
// A session that was not used for this time asks the service before it writes back.
const idle = 60_000

async function storedKey(): Promise<string> {
  const [key = ''] = await pair.client().keys('pds:*')
  return key
}

/** Returns the state on the current primary. */
async function stored() {
  return JSON.parse((await pair.client().hGet(await storedKey(), 'data')) ?? 'null')
}

describe.skipIf(redisIsMissing)(`a failover of Redis ${redisIsMissing || ''}`, () => {
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    ;[domain, pair] = await Promise.all([startTestDomain(), startRedisPair()])
  })
  afterEach(async () => {
    vi.useRealTimers()
    await Promise.all([pair?.stop(), domain?.close()])
  })

  describe.each(['the new token', 'its intent and the new token'] as const)(
    'that loses %s of a refresh',
    (lost) => {
      /** Opens two sessions with the same token, and lets the first one refresh it for the last time before the failover. */
      async function loseRefresh(idleBefore = 0) {
        const first = await openFirst(lost === 'the new token' ? cutReplicationInRefresh() : undefined)
        const second = openSecond()
        const old = await domain.signIn()
        await first.setToken(old)
        await second.getToken()
        pass(idleBefore)
        if (lost !== 'the new token') await pair.cutReplication()
        domain.emulator.clock.advance(2 * hour)
        const token = await first.getToken()
        expect(token.refresh_token).not.toBe(old.refresh_token)
        expect(await stored()).toMatchObject({ generation: 2 })
        await pair.failOver()
        const left = await stored()
        expect(left.token.info.refresh_token).toBe(old.refresh_token)
        expect('intent' in left).toBe(lost === 'the new token')
        // The lease of the refresh, which the replica may still have, expires.
        await pair.client().hSet(await storedKey(), 'until', '1')
        return { first, second, token, events: recordEvents(first) }
      }

      it('spends nothing: the process that has the new token writes it back', async () => {
        const { first, second, token, events } = await loseRefresh()
        pass(pollInterval)
        expect(await first.getAccessToken()).toBe(token.access_token)
        expect((await stored()).token.info).toMatchObject({ refresh_token: token.refresh_token })
        expect(await second.getAccessToken()).toBe(token.access_token)
        expect(await openSecond().getAccessToken()).toBe(token.access_token)
        expect(domain.sends()).toBe(1)
        expect(domain.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 0 })
        expect(events).toEqual([])
      })

      it('spends no refresh token twice, also if the service then rejects the new token', async () => {
        const { first, second, token } = await loseRefresh()
        pass(pollInterval)
        const next = await first.getAccessToken({ rejected: token.access_token })
        expect(next).not.toBe(token.access_token)
        expect(await second.getAccessToken()).toBe(next)
        expect(domain.sends()).toBe(2)
        expect(domain.emulator.invalidTokenUses.refresh).toBe(0)
      })

      it('makes a process that was idle since then ask the service before it writes back', async () => {
        const { first, second, token } = await loseRefresh()
        pass(idle)
        const refreshed = new Promise((resolve) => first.subscribe('refreshed', resolve))
        // The valid token is used until then.
        expect(await first.getAccessToken()).toBe(token.access_token)
        await refreshed
        expect(await stored()).toMatchObject({ status: 'ok', generation: 3 })
        expect(await second.getAccessToken()).toBe(await first.getAccessToken())
        expect(domain.sends()).toBe(2)
        expect(domain.emulator.invalidTokenUses.refresh).toBe(0)
      })

      it('locks no user out if a process that was idle before it asks first, with the spent refresh token', async () => {
        const { first, second, token, events } = await loseRefresh(idle)
        const asked = second.getAccessToken().catch((error: unknown) => error)
        await expect.poll(async () => (await stored()).status).not.toBe('ok')
        expect(domain.emulator.invalidTokenUses.refresh).toBe(1)
        // Without the intent, the second process cannot know that there is a new token.
        const knows = lost === 'the new token'
        if (!knows) expect(await asked).toMatchObject({ code: 'LoginRequired', cause: 'rejected' })
        pass(pollInterval)
        expect(await first.getAccessToken()).toBe(token.access_token)
        // With the intent, it waits for the token.
        if (knows) expect(await asked).toBe(token.access_token)
        pass(pollInterval)
        expect(await second.getAccessToken()).toBe(token.access_token)
        expect(await stored()).toMatchObject({ status: 'ok', generation: 2 })
        expect(domain.sends()).toBe(2)
        expect(events).toEqual([])
      })
    },
  )

  describe('that loses a sign-out', () => {
    async function loseSignOut() {
      const first = await openFirst()
      const second = openSecond()
      await first.setToken(await domain.signIn())
      await second.getToken()
      await pair.cutReplication()
      await first.signOut()
      expect(await stored()).toMatchObject({ status: 'signed_out' })
      await pair.failOver()
      expect(await stored()).toMatchObject({ status: 'ok' })
      return { first, second }
    }
    const signedOut = { code: 'LoginRequired', cause: 'signed_out' }

    it.each([pollInterval, idle, hour])(
      'gets it back from the process that knows it, after %i ms',
      async (time) => {
        const { first, second } = await loseSignOut()
        pass(time)
        await expect(first.getToken()).rejects.toMatchObject(signedOut)
        expect(await stored()).toMatchObject({ status: 'signed_out' })
        await expect(second.getToken()).rejects.toMatchObject(signedOut)
        await expect(openSecond().getToken()).rejects.toMatchObject(signedOut)
        expect(domain.sends()).toBe(0)
      },
    )

    it('does not undo it, also if another process refreshes the token before', async () => {
      // The token is not revoked.
      domain.emulator.injectFault({ type: 'status', status: 503, path: '/v2/account/revoke', times: 99 })
      const { first, second } = await loseSignOut()
      pass(2 * hour)
      await second.getToken()
      expect(await stored()).toMatchObject({ status: 'ok', generation: 2 })
      await expect(first.getToken()).rejects.toMatchObject(signedOut)
      expect(await stored()).toMatchObject({ status: 'signed_out' })
      pass(pollInterval)
      await expect(second.getToken()).rejects.toMatchObject(signedOut)
    })
  })
})

/** Returns a grant that cuts the replication during its first refresh: the replica has the intent, but not the token. */
function cutReplicationInRefresh(): Grant {
  const { emulator, api_endpoint } = domain
  const { client_id, client_secret, redirect_uris } = emulator.app('webserver')
  const transport = createTransport({ api_endpoint, retryCount: 0, clock: () => emulator.clock.now() })
  const redirect_uri = redirect_uris[0] ?? ''
  const grant = oauthGrant({ transport, client_id, client_secret, redirect_uri })
  let isCut = false
  return {
    ...grant,
    async refresh(...args) {
      if (!isCut) await pair.cutReplication()
      isCut = true
      return (grant.refresh as NonNullable<Grant['refresh']>)(...args)
    },
  }
}
