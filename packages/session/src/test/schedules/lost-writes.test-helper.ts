import fc from 'fast-check'
import { expect } from 'vitest'
import type { Process } from './process.test-helper.ts'
import type { World } from './world.test-helper.ts'

// A session in use reads its record so often, in milliseconds.
const pollInterval = 5000

/** How a store loses writes, and how a process notices it. */
export interface Loss {
  /** Whether the store loses all records, instead of only the last write. */
  readonly isEmptied: boolean
  /** Whether the other processes use the store before a process that knows the lost state does. */
  readonly areOthersFirst: boolean
  /** Whether the process notices the loss because a caller rejects its token, or because it reads its record again. */
  readonly isRejected: boolean
  /** The time until then, in milliseconds. */
  readonly delay: number
}

export const lossOptions: { [Name in keyof Loss]: fc.Arbitrary<Loss[Name]> } = {
  isEmptied: fc.boolean(),
  areOthersFirst: fc.boolean(),
  isRejected: fc.boolean(),
  delay: fc.nat(pollInterval - 500),
}

/**
 * Makes the store lose writes shortly after a process has confirmed the stored state. Expects that the process restores
 * the state within its poll interval.
 */
export async function loseWrites(world: World, process: Process, loss: Loss): Promise<void> {
  const { clockwork, record } = world
  await rest(world)
  await clockwork.pass(pollInterval + 1)
  // Reads the record, and renews the token if it is due.
  await world.ask(process)
  await rest(world)
  const { epoch, state, info } = record
  const confirmedAt = clockwork.now

  if (loss.isEmptied) record.empty()
  else record.loseLastWrite()
  if (loss.areOthersFirst) {
    for (const other of world.processes) if (other !== process) await world.ask(other)
    await rest(world)
  }
  if (loss.isRejected) {
    await clockwork.pass(loss.delay)
    await world.ask(process, process.lastToken)
  } else {
    await clockwork.pass(Math.max(0, confirmedAt + pollInterval + 1 - clockwork.now))
    await world.ask(process)
  }
  await rest(world)

  expect(record.epoch, 'sign-ins and sign-outs').toBe(epoch)
  expect(record.state.status === 'signed_out', 'signed out').toBe(state.status === 'signed_out')
  const refresh_token = world.server.liveRefreshToken(info?.refresh_token)
  if (refresh_token !== undefined) expect(record.info, 'the restored token').toMatchObject({ refresh_token })
}

async function rest(world: World): Promise<void> {
  expect(await world.rest(), 'all callers get a result').toBe(true)
}
