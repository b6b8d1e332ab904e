import { inspect } from 'node:util'
import { isPDSError } from '@pds/core'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import type { WorldOptions } from './process.test-helper.ts'
import { play, type Step } from './steps.test-helper.ts'
import { type Caller, World } from './world.test-helper.ts'

/* What the properties of all files have in common. See README.md for the two variables. */

const seed = Number(process.env.SCHEDULES_SEED ?? 20_261_125)
/** How many schedules test a property. */
export const numRuns: number = Number(process.env.SCHEDULES_RUNS ?? 300)

/** The weights of the steps of a session in use, without failures. */
export const daily = { work: 48, ask: 20, reject: 4, wait: 4, pass: 12 }

/** The weights of the steps that fail operations and processes. */
export const failing = { fail: 12, freeze: 4, wake: 4, kill: 2, signIn: 1, signOut: 1 }

const minute = 60_000
const unhandled: unknown[] = []
const onUnhandled = (error: unknown) => unhandled.push(error)

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', onUnhandled)
})

afterEach(() => {
  process.off('unhandledRejection', onUnhandled)
})

/** Plays a schedule in a world, and expects a property. */
export type Run = (world: World, schedule: Step[], options: WorldOptions) => Promise<void>

/** Runs each schedule in a new world. If one fails, the error contains the log of its world. */
export async function forAllSchedules(
  options: fc.Arbitrary<WorldOptions>,
  schedule: fc.Arbitrary<Step[]>,
  run: Run,
  runs: number = numRuns,
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
  await fc.assert(property, { seed, numRuns: Math.ceil(runs) })
}

export async function signInFirst(world: World): Promise<void> {
  await world.signIn(world.processes[0] as Caller['process'])
  await rest(world)
}

export async function rest(world: World): Promise<void> {
  expect(await world.rest(), 'all callers get a result').toBe(true)
}

/** Gets a token from every session. */
export async function askAll(world: World): Promise<Caller[]> {
  const callers = []
  for (const process of world.processes) callers.push(await world.ask(process))
  await rest(world)
  return callers
}

export function expectValid(callers: readonly Caller[]): void {
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
export function expectNoReplaced(world: World): void {
  for (const { process, token, replaced, isJoining } of world.callers) {
    // An operation that began before the notification may end with the replaced token.
    if (token && !isJoining)
      expect(replaced, `replaced for ${process.name}`).not.toContain(token.access_token)
  }
}

export function expectNothingSpentTwice({ server, record }: World): void {
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

/** Checks whether the valid refresh token was ever stored, or was received by a process that still runs. */
export function isSavable({ server, record, processes, signedOutAt }: World): boolean {
  const live = server.liveRefreshToken(record.info?.refresh_token)
  if (live === undefined) return false
  // A sign-out drops an unsaved token, even if the store fails to write the sign-out.
  const isKnown = processes.some(({ received }) => (received.get(live) ?? -1) > signedOutAt)
  return isKnown || record.storedOnce.has(live)
}

/** Plays a schedule with failures. Expects that it loses no token that could be saved. */
export async function expectNothingSavableLost(
  world: World,
  schedule: readonly Step[],
  options: WorldOptions,
): Promise<void> {
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
}
