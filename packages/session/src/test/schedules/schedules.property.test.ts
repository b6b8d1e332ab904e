import { inspect } from 'node:util'
import { isPDSError } from '@pds/core'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { WorldOptions } from './process.test-helper.ts'
import { maxOperationTime, play, type Step, schedules, worlds } from './steps.test-helper.ts'
import { type Caller, World } from './world.test-helper.ts'

/*
 * Sessions that share a store, under random schedules of operations and failures. The seed is fixed, so a failure can
 * be reproduced, and fast-check shrinks it to the smallest schedule that fails. See README.md for the two variables.
 */
const seed = Number(process.env.SCHEDULES_SEED ?? 20_261_125)
const numRuns = Number(process.env.SCHEDULES_RUNS ?? 600)

const minute = 60_000
const daily = { work: 48, ask: 20, reject: 4, wait: 4, pass: 12 }

const unhandled: unknown[] = []
const onUnhandled = (error: unknown) => unhandled.push(error)

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', onUnhandled)
})

afterEach(() => {
  process.off('unhandledRejection', onUnhandled)
})

/** Runs each schedule in a new world. If one fails, the error contains the log of its world. */
async function forAllSchedules(
  options: fc.Arbitrary<WorldOptions>,
  schedule: fc.Arbitrary<Step[]>,
  run: (world: World, schedule: Step[], options: WorldOptions) => Promise<void>,
): Promise<void> {
  const property = fc.asyncProperty(options, schedule, async (options, schedule) => {
    const world = new World(options)
    try {
      await run(world, schedule, options)
      await checkEnd(world)
    } catch (error) {
      throw new Error([(error as Error).message, ...world.clockwork.log].join('\n'), { cause: error })
    } finally {
      vi.restoreAllMocks()
      vi.unstubAllGlobals()
    }
  })
  await fc.assert(property, { seed, numRuns })
}

async function signInFirst(world: World): Promise<void> {
  await world.signIn(world.processes[0] as Caller['process'])
  await rest(world)
}

async function rest(world: World): Promise<void> {
  expect(await world.rest(), 'all callers get a result').toBe(true)
}

/** Gets a token from every session. */
async function askAll(world: World): Promise<Caller[]> {
  const callers = []
  for (const process of world.processes) callers.push(await world.ask(process))
  await rest(world)
  return callers
}

function expectValid(callers: readonly Caller[]): void {
  for (const { remaining, process } of callers) {
    expect(remaining ?? 0, `remaining lifetime of the token of ${process.name}`).toBeGreaterThan(0)
  }
}

/** Expects valid tokens, after a retry: a sign-out that the store failed to write may have revoked a token. */
async function expectValidOrReplaced(world: World, callers: readonly Caller[]): Promise<void> {
  const retries = []
  for (const { process, token, remaining } of callers) {
    if (!remaining) retries.push(await world.ask(process, token?.access_token))
  }
  await rest(world)
  expectValid(retries)
}

/** Expects that no caller gets a token after its session was notified that the token is replaced. */
function expectNoReplaced(world: World): void {
  for (const { process, token, replaced, isJoining } of world.callers) {
    // An operation that began before the notification may end with the replaced token.
    if (token && !isJoining)
      expect(replaced, `replaced for ${process.name}`).not.toContain(token.access_token)
  }
}

function expectNothingSpentTwice({ server, record }: World): void {
  expect(server.maxSends, 'sends of one refresh token').toBeLessThanOrEqual(1)
  expect(server.deadUses).toBe(0)
  expect(record.requiredLogins).toEqual([])
}

/** Checks what must hold after every schedule. */
async function checkEnd(world: World): Promise<void> {
  const allRejected = new Set(world.callers.map(({ rejected }) => rejected))
  for (const caller of world.callers) {
    const { process, rejected, token, error, before, remainingBefore = 0, isSignedOut, isJoining } = caller
    if (process.state === 'killed') continue
    expect(token !== undefined || isPDSError(error), `${process.name} returns or throws`).toBe(true)
    expect(inspect([error, process.events], { depth: 10 })).not.toContain('secret-')
    if (rejected) expect(token?.access_token).not.toBe(rejected)
    if (!isJoining)
      expect(isSignedOut ?? false, `${process.name} returns a token after its sign-out`).toBe(false)
    // While the old token may be valid, callers get it rather than an error.
    const isOver = world.signedOutAt >= 0 || allRejected.has(before)
    if (error && !isOver) expect(remainingBefore, `${process.name} has a token`).toBeLessThanOrEqual(0)
  }
  expect(world.record.prematureLosses, 'refresh tokens that counted as lost too early').toBe(0)
  await world.close()
  expect(world.clockwork.timers, 'timers after close').toBe(0)
  expect(unhandled).toEqual([])
}

it('without failures every caller gets a valid token, and no refresh token is sent twice', async () => {
  await forAllSchedules(worlds('strict', 'family'), schedules(daily), async (world, schedule) => {
    await signInFirst(world)
    await play(world, schedule, true)
    await rest(world)
    // The first callers may get a token that is being renewed in the background.
    await askAll(world)
    const callers = await askAll(world)
    expectValid(callers)
    expect(new Set(callers.map(({ token }) => token?.access_token)).size, 'tokens').toBe(1)
    expectNoReplaced(world)
    expectNothingSpentTwice(world)
    expect(world.server.needlessSends).toBe(0)
    for (const { error, waited } of world.callers) {
      expect(error).toBeUndefined()
      expect(waited).toBeLessThan(2 * maxOperationTime)
    }
  })
})

it('requests that the server does not execute end no session', async () => {
  const schedule = schedules({ ...daily, failUnexecuted: 12 })
  await forAllSchedules(worlds('strict', 'family'), schedule, async (world, schedule) => {
    await signInFirst(world)
    await play(world, schedule, true)
    await rest(world)
    // The longest backoff.
    await world.clockwork.pass(minute)
    await askAll(world)
    expectValid(await askAll(world))
    expectNoReplaced(world)
    expect(world.server.deadUses).toBe(0)
    expect(world.record.requiredLogins).toEqual([])
  })
})

it('a sign-out ends the session for all processes until the next sign-in, in any state', async () => {
  const schedule = schedules({ ...daily, signIn: 6, signOut: 6 })
  await forAllSchedules(worlds('strict', 'family'), schedule, async (world, schedule) => {
    const [one, other] = world.processes as [Caller['process'], Caller['process']]
    await play(world, schedule, true)
    await world.endChanges()
    await world.signOut(one)
    await rest(world)
    for (const { error } of await askAll(world)) {
      expect(error).toMatchObject({ code: 'LoginRequired', cause: 'signed_out' })
    }
    expect(world.record.info).toBeUndefined()
    const { access_token } = await world.signIn(other)
    await rest(world)
    for (const { token } of await askAll(world)) expect(token).toMatchObject({ access_token })
    expectNoReplaced(world)
    expectNothingSpentTwice(world)
  })
})

const failing = { fail: 12, freeze: 4, wake: 4, kill: 2, signIn: 1, signOut: 1 }

it('no failure loses a token that could be saved', async () => {
  const schedule = schedules({ ...daily, ...failing })
  await forAllSchedules(worlds('strict', 'grace', 'family'), schedule, async (world, schedule, options) => {
    const { server, record } = world
    await signInFirst(world)
    await play(world, schedule, false)
    await world.wakeAll()
    await rest(world)
    // Time for leases, suspect refresh tokens and backoffs to end.
    for (let minutes = 0; minutes < 5; minutes++) {
      await askAll(world)
      await world.clockwork.pass(minute)
    }
    const callers = await askAll(world)
    if (record.state.status === 'signed_out') {
      expect(record.info).toBeUndefined()
      for (const { error } of callers) expect(error).toMatchObject({ cause: 'signed_out' })
    } else if (options.application !== 'oauth') {
      await expectValidOrReplaced(world, callers)
    } else if (options.server !== 'family' && isSavable(world)) {
      expectValid(callers)
    }
    if (options.application !== 'oauth') expect(record.requiredLogins).toEqual([])
    const lost = record.requiredLogins.map(({ refresh_token }) => refresh_token)
    expect(new Set(lost).size, 'a login is required once for each token').toBe(lost.length)
    for (const { refresh_token, cause } of record.requiredLogins) {
      // Only sessions spend refresh tokens here, and they always write an intent first.
      if (!server.isRevoked(refresh_token)) expect(cause).toBe('lost_response')
    }
    // Without replays, no spent refresh token is ever sent.
    if (options.server === 'family') expect(server.familiesRevoked).toBe(0)
  })
})

/** Checks whether the valid refresh token was ever stored, or was received by a process that still runs. */
function isSavable({ server, record, processes, signedOutAt }: World): boolean {
  const live = server.liveRefreshToken(record.info?.refresh_token)
  if (live === undefined) return false
  // A sign-out drops an unsaved token, even if the store fails to write the sign-out.
  const isKnown = processes.some(({ received }) => (received.get(live) ?? -1) > signedOutAt)
  return isKnown || record.storedOnce.has(live)
}
