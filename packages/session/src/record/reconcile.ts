import { isOlder, isSamePair, type Moment, type Snapshot, timeBetween } from './session-state.ts'
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
  if (!stored.unreadable && !isOlder(stored, known)) {
    // This session may have known the token for longer.
    return isSamePair(stored.state.token, known.state.token) ? { ...stored, seenAt: known.seenAt } : stored
  }
  const { rev, epoch, asOf, until } = stored
  const isSameWrite = rev === known.rev && epoch === known.epoch && !known.unreadable
  // An unreadable record may hold a newer token, so it is replaced only if this session knows its content.
  const unreadable = isSameWrite ? undefined : stored.unreadable
  const isSignedOut = known.state.status === 'signed_out'
  const isEmptied = rev === 0 && scope === 'origin'
  let missing: Snapshot['missing'] = 'write'
  if (unreadable || isEmptied || (known.missing === 'keep' && !isSignedOut)) missing = 'keep'
  else if (!isSignedOut && timeBetween(known.confirmed, now) > maxConfirmationAge) missing = 'ask'
  // The known state over the stored revision, so that a compare-and-set can replace the stored record.
  return { ...known, rev, asOf, until, unreadable, missing }
}
