import { isOlder, isSamePair, type Moment, type Snapshot } from './session-state.ts'
import type { StoreScope } from './store.ts'

// A session in use reads its record every 5 seconds. A state that the store had at most two reads ago is written back.
const maxConfirmationAge = 10_000

/**
 * Compares a snapshot that the store returned with the last known one, and returns the one that counts.
 *
 * A store may lose its last writes, for example in a failover. The known state then counts, and `missing` says how the
 * store gets it. The service can revoke a token while a process sleeps, so an old state is not written back before the
 * service has confirmed it. Users of shared computers sign out by clearing the browser's storage, so an emptied store of
 * a browser gets nothing back. A sign-out always counts.
 */
export function reconcile(
  stored: Snapshot,
  known: Snapshot | undefined,
  scope: StoreScope,
  now: Moment,
): Snapshot {
  if (!known || known.state.status === 'new') return stored
  const isSameWrite = stored.rev === known.rev && stored.epoch === known.epoch && !known.unreadable
  // An unreadable record may hold a newer token, so it is replaced only if this session knows its content.
  if (stored.unreadable && !isSameWrite) {
    return { ...merge(stored, known), unreadable: stored.unreadable, missing: 'keep' }
  }
  if (!stored.unreadable && !isOlder(stored, known)) return carryAge(stored, known)
  return { ...merge(stored, known), missing: howToRestore(stored, known, scope, now) }
}

function howToRestore(
  stored: Snapshot,
  known: Snapshot,
  scope: StoreScope,
  now: Moment,
): NonNullable<Snapshot['missing']> {
  if (known.state.status === 'signed_out') return stored.rev === 0 && scope === 'origin' ? 'keep' : 'write'
  if (known.missing === 'keep') return 'keep'
  if (stored.rev === 0 && scope === 'origin') return 'keep'
  const { wall, steady } = known.confirmed
  const age = Math.max(now.wall - wall, now.steady - steady)
  return age <= maxConfirmationAge ? 'write' : 'ask'
}

/** Returns the known state over the stored revision, so that a compare-and-set can replace the stored record. */
function merge({ rev, asOf, until }: Snapshot, { unreadable: _, ...known }: Snapshot): Snapshot {
  return { ...known, rev, asOf, until }
}

/** Keeps how long this session has known the token. */
export function carryAge(snapshot: Snapshot, known: Snapshot | undefined): Snapshot {
  const isSame = known && isSamePair(snapshot.state.token, known.state.token)
  return isSame ? { ...snapshot, seenAt: known.seenAt } : snapshot
}
