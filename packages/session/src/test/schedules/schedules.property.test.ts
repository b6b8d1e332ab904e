import { inspect } from 'node:util'
import { isPDSError } from '@pds/core'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { WorldOptions } from './process.test-helper.ts'
import { play, type Step, schedules, slowest, worlds } from './steps.test-helper.ts'
import { type Caller, World } from './world.test-helper.ts'

/*
 * Several sessions that share a store, in any order of what they do and of what goes wrong. The seed is fixed: a
 * failure is found again, with the smallest schedule that leads to it and all that happens in it. The two variables
 * look further.
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

/** Runs schedules, each in a world of its own, and shows what happened in the one where something is wrong. */
async function inAll(
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

async function signInAtFirst(world: World): Promise<void> {
  await world.signIn(world.processes[0] as Caller['process'])
  await rest(world)
}

async function rest(world: World): Promise<void> {
  expect(await world.rest(), 'everybody gets an answer').toBe(true)
}

/** Asks every session for its token. */
async function askAll(world: World): Promise<Caller[]> {
  const callers = []
  for (const process of world.processes) callers.push(await world.ask(process))
  await rest(world)
  return callers
}

function expectAlive(callers: readonly Caller[]): void {
  for (const { left, process } of callers) {
    expect(left ?? 0, `how long the token of ${process.name} is good`).toBeGreaterThan(0)
  }
}

/** A sign-out that the store did not take may have revoked a token: then another one is to be had. */
async function expectAliveOrReplaced(world: World, callers: readonly Caller[]): Promise<void> {
  const others = []
  for (const { process, token, left } of callers) {
    if (!left) others.push(await world.ask(process, token?.access_token))
  }
  await rest(world)
  expectAlive(others)
}

/** Who asks after the session was told that a token is replaced does not get that. */
function expectNoReplaced(world: World): void {
  for (const { process, token, replaced, isJoining } of world.callers) {
    // What began before may end with what it found.
    if (token && !isJoining) expect(replaced, `told to ${process.name}`).not.toContain(token.access_token)
  }
}

function expectNothingSpentTwice({ server, record }: World): void {
  expect(server.maxSends, 'sends of one refresh token').toBeLessThanOrEqual(1)
  expect(server.deadUses).toBe(0)
  expect(record.logins).toEqual([])
}

/** What holds whatever goes wrong. */
async function checkEnd(world: World): Promise<void> {
  const refused = new Set(world.callers.map(({ rejected }) => rejected))
  for (const caller of world.callers) {
    const { process, rejected, token, error, before, leftBefore = 0, isSignedOut, isJoining } = caller
    if (process.state === 'killed') continue
    expect(token !== undefined || isPDSError(error), `${process.name} answers`).toBe(true)
    expect(inspect([error, process.told], { depth: 10 })).not.toContain('secret-')
    if (rejected) expect(token?.access_token).not.toBe(rejected)
    if (!isJoining)
      expect(isSignedOut ?? false, `${process.name} gives a token after its sign-out`).toBe(false)
    // As long as a token may be good, it is given out rather than an error.
    const isOver = world.signedOutAt >= 0 || refused.has(before)
    if (error && !isOver) expect(leftBefore, `${process.name} has a token`).toBeLessThanOrEqual(0)
  }
  expect(world.record.hasty, 'refresh tokens given up too early').toBe(0)
  await world.close()
  expect(world.clockwork.timers, 'timers after close').toBe(0)
  expect(unhandled).toEqual([])
}

it('without failures everybody gets a token that is good, and no refresh token is sent twice', async () => {
  await inAll(worlds('strict', 'family'), schedules(daily), async (world, schedule) => {
    await signInAtFirst(world)
    await play(world, schedule, true)
    await rest(world)
    // The first ones may get one that is renewed beside them.
    await askAll(world)
    const callers = await askAll(world)
    expectAlive(callers)
    expect(new Set(callers.map(({ token }) => token?.access_token)).size, 'tokens').toBe(1)
    expectNoReplaced(world)
    expectNothingSpentTwice(world)
    expect(world.server.needlessSends).toBe(0)
    for (const { error, waited } of world.callers) {
      expect(error).toBeUndefined()
      expect(waited).toBeLessThan(2 * slowest)
    }
  })
})

it('a server that turns requests away costs nobody the session', async () => {
  const schedule = schedules({ ...daily, turnAway: 12 })
  await inAll(worlds('strict', 'family'), schedule, async (world, schedule) => {
    await signInAtFirst(world)
    await play(world, schedule, true)
    await rest(world)
    // The longest pause between two tries.
    await world.clockwork.pass(minute)
    await askAll(world)
    expectAlive(await askAll(world))
    expectNoReplaced(world)
    expect(world.server.deadUses).toBe(0)
    expect(world.record.logins).toEqual([])
  })
})

it('a sign-out ends the session for everybody until the next sign-in, whatever is under way', async () => {
  const schedule = schedules({ ...daily, signIn: 6, signOut: 6 })
  await inAll(worlds('strict', 'family'), schedule, async (world, schedule) => {
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

it('whatever fails, nothing is lost that could be saved', async () => {
  const schedule = schedules({ ...daily, ...failing })
  await inAll(worlds('strict', 'grace', 'family'), schedule, async (world, schedule, options) => {
    const { server, record } = world
    await signInAtFirst(world)
    await play(world, schedule, false)
    await world.wakeAll()
    await rest(world)
    // Past leases, suspicions and the pauses between two tries.
    for (let minutes = 0; minutes < 5; minutes++) {
      await askAll(world)
      await world.clockwork.pass(minute)
    }
    const callers = await askAll(world)
    if (record.state.status === 'signed_out') {
      expect(record.info).toBeUndefined()
      for (const { error } of callers) expect(error).toMatchObject({ cause: 'signed_out' })
    } else if (options.application !== 'oauth') {
      await expectAliveOrReplaced(world, callers)
    } else if (options.server !== 'family' && isSavable(world)) {
      expectAlive(callers)
    }
    if (options.application !== 'oauth') expect(record.logins).toEqual([])
    const lost = record.logins.map(({ refresh_token }) => refresh_token)
    expect(new Set(lost).size, 'a login is required once for each token').toBe(lost.length)
    for (const { refresh_token, cause } of record.logins) {
      // Sessions alone spend refresh tokens here, and never without saying so before.
      if (!server.isRevoked(refresh_token)) expect(cause).toBe('lost_response')
    }
    // Without replays no spent refresh token is sent, whatever happens.
    if (options.server === 'family') expect(server.familiesRevoked).toBe(0)
  })
})

/** Whether the refresh token that is good now was ever stored, or came to a process that still runs. */
function isSavable({ server, record, processes, signedOutAt }: World): boolean {
  const live = server.liveOne(record.info?.refresh_token)
  if (live === undefined) return false
  // A sign-out drops what is not stored yet, even where the store does not take it.
  const isKnown = processes.some(({ received }) => (received.get(live) ?? -1) > signedOutAt)
  return isKnown || record.storedOnce.has(live)
}
