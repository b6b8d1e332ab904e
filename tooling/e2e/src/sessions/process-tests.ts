import type { EmulatorOptions } from '@pds/emulator'
import type { SessionOptions } from '@pds/session'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hangTime } from 'vitest-config/time'
import type { OpenOptions, Report, StoreType } from './orders.ts'
import { mergeReports, SessionFleet, SessionProcess } from './session-fleet.ts'
import { type SharedSession, startSharedSession } from './shared-session.ts'

/*
 * One session in many processes, which are killed and stopped by real signals. The emulator counts the requests. Times
 * are shorter than the defaults if a test must wait for them.
 */

const count = 8
const callers = 50
const all = count * callers
const getToken = { type: 'getToken', callers } as const
// For tests that wait until a lease expires, because a killed process cannot release its lease.
const shortLease = { requestTimeout: 2000, leaseTime: 2000 }
const shortSuspicion = { suspectTime: 1000 }
const path = '/v2/oauth/token'
const noInvalidUses = { access: 0, refresh: 0 }

/** Defines the tests for a type of store. `url` returns the URL of its server, if it has one. */
export function testProcesses(store: StoreType, url: () => string | undefined): void {
  describe(`one session in many processes on ${store}`, () => defineTests(store, url))
}

function defineTests(store: StoreType, url: () => string | undefined): void {
  let fleet: SessionFleet
  let shared: SharedSession
  /** The process that is killed or stopped. */
  let victim: SessionProcess | undefined

  beforeAll(async () => {
    fleet = await SessionFleet.start(count)
  })

  afterEach(async () => {
    await victim?.end()
    victim = undefined
    await fleet.run({ type: 'close' })
    await shared.close()
  })

  afterAll(() => fleet.end())

  async function share(
    kind: 'oauth' | 'jwt',
    limits: Partial<SessionOptions> = {},
    domain: EmulatorOptions = {},
  ): Promise<void> {
    shared = await startSharedSession(kind, store, url(), { limits, domain })
    await fleet.open(shared.options)
  }

  async function stopOne(stopAt: OpenOptions['stopAt']) {
    victim = await SessionProcess.start()
    await victim.run({ type: 'open', options: { ...shared.options, ...(stopAt && { stopAt }) } })
    return victim.runToStop(getToken)
  }

  /** Resumes the stopped process and merges its report with the report of the others. */
  async function wake(
    stopped: { report: Promise<Report> },
    running: Report | Promise<Report>,
  ): Promise<Report> {
    victim?.wake()
    const reports = await Promise.all([stopped.report, running])
    await victim?.run({ type: 'close' })
    return mergeReports(reports)
  }

  /** Asserts that each caller has a token. OAuth callers must all have the same token. */
  function expectTokens({ results }: Report, number: number, kind: 'oauth' | 'jwt' = 'oauth'): void {
    expect(results.filter((result) => !('ok' in result))).toEqual([])
    expect(results).toHaveLength(number)
    if (kind === 'oauth') expect(new Set(results.map((result) => 'ok' in result && result.ok)).size).toBe(1)
    expect(shared.emulator.invalidTokenUses.access).toBe(0)
  }

  function expectOneLogin({ events }: Report): void {
    const logins = events.filter(({ type }) => type === 'login_required')
    expect(logins.filter(({ by }) => by === 'this')).toMatchObject([{ cause: 'lost_response' }])
    // Each other process that has used the session emits the event once, too.
    expect(logins.length).toBeLessThanOrEqual(count)
  }

  describe.each(['oauth', 'jwt'] as const)('with an expired token, %s', (kind) => {
    it('8 processes with 50 callers each refresh once', async () => {
      await share(kind)
      const report = await fleet.run(getToken)
      expectTokens(report, all)
      expect(shared.sends()).toBe(1)
      expect(shared.emulator.invalidTokenUses).toEqual(noInvalidUses)
      expect(report.events.filter(({ by }) => by === 'this')).toMatchObject([{ type: 'refreshed' }])
    })

    it('a process that is killed before its request delays the others only until its lease expires', async () => {
      await share(kind, shortLease)
      await stopOne({ point: 'before the request', signal: 'SIGKILL' })
      expectTokens(await fleet.run(getToken), all, kind)
      // A JWT application does not wait until the lease expires.
      if (kind === 'oauth') expect(shared.sends()).toBe(1)
      expect(shared.emulator.invalidTokenUses).toEqual(noInvalidUses)
    })

    it('a process that is killed after its commit causes no further request', async () => {
      await share(kind, shortLease)
      await stopOne({ point: 'after the commit', signal: 'SIGKILL' })
      expectTokens(await fleet.run(getToken), all)
      expect(shared.sends()).toBe(1)
      expect(shared.emulator.invalidTokenUses).toEqual(noInvalidUses)
    })

    it('a process whose commit fails three times keeps the others from spending the old token', async () => {
      await share(kind)
      const [first, ...others] = fleet.processes as [SessionProcess, ...SessionProcess[]]
      await first.run({ type: 'close' })
      await first.run({ type: 'open', options: { ...shared.options, failingCommits: 3 } })
      const running = first.run(getToken)
      await expect.poll(() => shared.sends()).toBe(1)
      const reports = [await Promise.all(others.map((each) => each.run(getToken))), await running].flat()
      expectTokens(mergeReports(reports), all, kind)
      expect(reports.at(-1)?.events.map(({ type }) => type)).toEqual(['error', 'refreshed'])
      if (kind === 'oauth') expect(shared.sends()).toBe(1)
      expect(shared.emulator.invalidTokenUses).toEqual(noInvalidUses)
    })

    it('a process that is stopped before its request for longer than its lease causes no second refresh', async () => {
      await share(kind, shortLease)
      const stopped = await stopOne({ point: 'before the request', signal: 'SIGSTOP' })
      const report = await wake(stopped, await fleet.run(getToken))
      expectTokens(report, all + callers, kind)
      if (kind === 'oauth') expect(shared.sends()).toBe(1)
      expect(shared.emulator.invalidTokenUses).toEqual(noInvalidUses)
    })

    it('a sign-out during the refresh is not undone', async () => {
      await share(kind)
      const stopped = await stopOne({ point: 'after the response', signal: 'SIGSTOP' })
      const running = fleet.run(getToken)
      await shared.session.signOut()
      const signedOut = { code: 'LoginRequired', cause: 'signed_out' }
      const { results } = await wake(stopped, await running)
      expect(results).toEqual(Array(all + callers).fill(signedOut))
      expect((await fleet.run(getToken)).results).toEqual(Array(all).fill(signedOut))
    })

    it('400 calls with a revoked token cause one refresh', async () => {
      await share(kind)
      const { session, emulator, options } = shared
      const token = await session.getToken()
      if (kind === 'jwt') {
        const body = JSON.stringify({ app_id: options.app.client_id, refresh_token: token.refresh_token })
        const headers = { 'content-type': 'application/json' }
        await fetch(`${options.api_endpoint}/v2/account/revoke`, { method: 'POST', headers, body })
        // The service cannot revoke an access token alone, so the test stores an invalid one.
      } else await session.setToken({ ...token, access_token: 'dead' })
      const before = shared.sends()
      const { results } = await fleet.run({ type: 'fetch', callers })
      expect(results).toEqual(Array(all).fill({ ok: '200' }))
      expect(shared.sends() - before).toBe(1)
      expect(emulator.invalidTokenUses.refresh).toBe(0)
    })
  })

  describe('a lost response', () => {
    it('of a killed process ends the sign-in once', async () => {
      await share('oauth', { ...shortLease, ...shortSuspicion })
      await stopOne({ point: 'after the response', signal: 'SIGKILL' })
      const report = await fleet.run(getToken)
      expect(report.results).toEqual(Array(all).fill({ code: 'LoginRequired', cause: 'lost_response' }))
      expectOneLogin(report)
      expect(shared.sends()).toBe(2)
      expect(shared.emulator.invalidTokenUses).toEqual({ access: 0, refresh: 1 })
    })

    it('of a killed process costs a JWT application one more request', async () => {
      await share('jwt', shortLease)
      await stopOne({ point: 'after the response', signal: 'SIGKILL' })
      const report = await fleet.run(getToken)
      expectTokens(report, all, 'jwt')
      expect(report.events.filter(({ type }) => type === 'login_required')).toEqual([])
    })

    it('is committed late by a process that was stopped for longer than its lease', async () => {
      await share('oauth', shortLease)
      const stopped = await stopOne({ point: 'after the response', signal: 'SIGSTOP' })
      const running = fleet.run(getToken)
      // Another process has taken over, and the service rejected its request.
      await expect.poll(() => shared.emulator.invalidTokenUses.refresh).toBe(1)
      const report = await wake(stopped, running)
      expectTokens(report, all + callers)
      expect(shared.sends()).toBe(2)
      expect(report.events.filter(({ type }) => type === 'login_required')).toEqual([])
    })

    it('is recovered by a retry if the server has a grace period', async () => {
      await share('oauth', {}, { rotation: { grace: hangTime } })
      shared.emulator.injectFault({ type: 'drop', when: 'after', path })
      expectTokens(await fleet.run(getToken), all)
      expect(shared.sends()).toBe(2)
      expect(shared.emulator.invalidTokenUses).toEqual(noInvalidUses)
    })

    it('causes one retry at a strict server, and then ends the sign-in', async () => {
      await share('oauth', shortSuspicion)
      shared.emulator.injectFault({ type: 'drop', when: 'after', path })
      const report = await fleet.run(getToken)
      expect(report.results).toEqual(Array(all).fill({ code: 'LoginRequired', cause: 'lost_response' }))
      expectOneLogin(report)
      expect(shared.sends()).toBe(2)
    })

    it('causes no retry if that would revoke the token family', async () => {
      const limits = { ...shortSuspicion, replayLostRefresh: false }
      await share('oauth', limits, { rotation: { revokeFamily: true } })
      shared.emulator.injectFault({ type: 'drop', when: 'after', path })
      const report = await fleet.run(getToken)
      const codes = report.results.map((result) => ('code' in result ? result.code : 'ok'))
      // The callers of the process that sent the request receive a retryable error.
      expect(codes.filter((code) => code === 'NetworkError')).toHaveLength(callers)
      expect(codes.filter((code) => code === 'LoginRequired')).toHaveLength(all - callers)
      expectOneLogin(report)
      expect(shared.sends()).toBe(1)
      expect(shared.emulator.invalidTokenUses).toEqual(noInvalidUses)
    })
  })
}
