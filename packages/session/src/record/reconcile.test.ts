import { PDSError } from '@pds/core'
import { describe, expect, it } from 'vitest'
import { reconcile } from './reconcile.ts'
import type { SessionState, Snapshot } from './session-state.ts'
import type { StoreScope } from './store.ts'

const at = { wall: 1_000_000, steady: 500_000 }
const token = (name: string) => ({
  info: { access_token: name, refresh_token: name, expires_in: 7200, expire_time: '' },
  mintedAt: 0,
  expiresAt: 7_200_000,
})

function snapshot(rev: number, epoch: number, generation: number, more: Partial<Snapshot> = {}): Snapshot {
  const state: SessionState = { status: 'ok', generation, token: token(`${epoch}.${generation}`) }
  return { rev, epoch, state, asOf: 2, until: 3, seenAt: 1, confirmed: at, ...more }
}

const empty: Snapshot = { ...snapshot(0, 0, 0), state: { status: 'new' } }
const signedOut = (rev: number, epoch: number): Snapshot => ({
  ...snapshot(rev, epoch, 0),
  state: { status: 'signed_out' },
})
const unreadable = (rev: number, epoch: number): Snapshot => ({
  ...empty,
  rev,
  epoch,
  unreadable: {
    error: new PDSError('damaged', { code: 'StoreFailed', outcome: 'not-sent' }),
    isNewer: false,
  },
})
/** The known state was in the store `ago` milliseconds ago, by one of the clocks. */
const confirmed = (ago: number, clock: 'wall' | 'steady') => ({ ...at, [clock]: at[clock] - ago })

describe('reconcile', () => {
  it.each<[string, Snapshot, Snapshot]>([
    ['the same state', snapshot(5, 1, 2), snapshot(5, 1, 2)],
    ['a newer token', snapshot(6, 1, 3), snapshot(5, 1, 2)],
    ['a newer token, although the store was emptied between', snapshot(1, 1, 3), snapshot(5, 1, 2)],
    ['another sign-in', snapshot(6, 2, 1), snapshot(5, 1, 9)],
    ['another sign-in, although the store was emptied between', snapshot(1, 2, 1), snapshot(5, 1, 9)],
    ['a sign-out', signedOut(6, 2), snapshot(5, 1, 2)],
    ['a sign-out, although the store was emptied between', signedOut(1, 2), snapshot(5, 1, 2)],
  ])('takes what the store has: %s', (_what, stored, known) => {
    const result = reconcile(stored, known, 'cluster', at)
    expect(result).toMatchObject({ rev: stored.rev, epoch: stored.epoch, state: stored.state })
    expect(result.missing).toBeUndefined()
  })

  it.each<[string, Snapshot, Snapshot, StoreScope, Snapshot['missing']]>([
    ['one write was lost', snapshot(4, 1, 1), snapshot(5, 1, 2), 'machine', 'write'],
    ['many writes were lost', snapshot(1, 1, 1), snapshot(50, 3, 2), 'cluster', 'write'],
    ['the store is empty', empty, snapshot(5, 1, 2), 'cluster', 'write'],
    [
      'it was seen 10 s ago',
      empty,
      snapshot(5, 1, 2, { confirmed: confirmed(10_000, 'wall') }),
      'cluster',
      'write',
    ],
    [
      'the machine slept',
      empty,
      snapshot(5, 1, 2, { confirmed: confirmed(10_001, 'wall') }),
      'cluster',
      'ask',
    ],
    [
      'the process was stopped',
      empty,
      snapshot(5, 1, 2, { confirmed: confirmed(10_001, 'steady') }),
      'cluster',
      'ask',
    ],
    ['the user cleared the browser', empty, snapshot(5, 1, 2), 'origin', 'keep'],
    ['it was cleared some time ago', empty, snapshot(5, 1, 2, { missing: 'keep' }), 'origin', 'keep'],
    ['a browser restored an older state', snapshot(4, 1, 1), snapshot(5, 1, 2), 'origin', 'write'],
    ['a sign-out was lost', snapshot(4, 1, 1), signedOut(5, 2), 'cluster', 'write'],
    [
      'a sign-out was lost while the machine slept',
      snapshot(4, 1, 1),
      { ...signedOut(5, 2), confirmed: confirmed(1e9, 'wall') },
      'cluster',
      'write',
    ],
    ['damaged in the same revision', unreadable(5, 1), snapshot(5, 1, 2), 'machine', 'write'],
  ])('keeps a newer state that the store has lost: %s', (_what, stored, known, scope, missing) => {
    const result = reconcile(stored, known, scope, at)
    expect(result).toMatchObject({ rev: stored.rev, epoch: known.epoch, state: known.state, missing })
  })

  it('keeps the known token in memory if the stored record cannot be read and may be newer', () => {
    const stored = unreadable(6, 1)
    const known = snapshot(5, 1, 2)
    expect(reconcile(stored, known, 'machine', at)).toMatchObject({
      rev: 6,
      state: known.state,
      missing: 'keep',
      unreadable: stored.unreadable,
    })
    // It can be read again.
    const kept = reconcile(stored, known, 'machine', at)
    expect(reconcile(snapshot(6, 1, 3), kept, 'machine', at)).toMatchObject({ rev: 6, epoch: 1 })
    expect(reconcile(snapshot(6, 1, 3), kept, 'machine', at).unreadable).toBeUndefined()
  })

  it('keeps since when the session has known a token', () => {
    const known = snapshot(5, 1, 2, { seenAt: -50 })
    expect(reconcile(snapshot(6, 1, 2), known, 'machine', at).seenAt).toBe(-50)
    expect(reconcile(snapshot(6, 1, 3), known, 'machine', at).seenAt).toBe(1)
  })
})
