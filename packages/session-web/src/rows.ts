import type { LeaseHolder, StoredRecord } from '@pds/session'
import type { Rows, Write } from './backend.ts'

/** The row of a lease. */
export interface LeaseRow {
  readonly owner?: string | undefined
  readonly fence: number
  /** When the lease was taken, in milliseconds of the store's clock. */
  readonly taken: number
  /** The duration of the lease, in milliseconds. */
  readonly ttl: number
  /** Whether the owner held the Web Lock of the key. */
  readonly isLocked: boolean
}

// A lease that was taken more than this in the future counts as expired, because a wrong clock wrote it. In milliseconds.
const clockTolerance = 1000

/** Returns the record of a row, with an error if the row is damaged. */
export function toRecord(row: unknown, name: string): StoredRecord | undefined {
  if (row === undefined) return undefined
  const { rev, epoch, data } = fieldsOf<StoredRecord>(row)
  const validRev = isInteger(rev, 1) ? rev : -1
  const validEpoch = isInteger(epoch, 0) ? epoch : 0
  if (validRev === rev && validEpoch === epoch && typeof data === 'string') return { epoch, data, rev }
  const error = new Error(`web storage "${name}": the stored session is damaged: sign in again to replace it`)
  return { epoch: validEpoch, data: '', rev: validRev, error }
}

/** Returns the row of the next lease, or undefined if another owner holds the lease. A damaged row counts as free. */
export function nextLease(
  row: unknown,
  owner: string,
  ttl: number,
  isLocked: boolean,
  now: number,
): LeaseRow | undefined {
  const last = fieldsOf<LeaseRow>(row)
  const fence = isInteger(last.fence, 1) ? last.fence : 0
  const { taken, ttl: time } = last as LeaseRow
  const isHeld =
    fence > 0 &&
    typeof last.owner === 'string' &&
    last.owner !== owner &&
    [taken, time].every(Number.isFinite) &&
    now < taken + time &&
    now >= taken - clockTolerance &&
    // The last owner has freed its Web Lock, so it no longer relies on the lease.
    !(isLocked && last.isLocked)
  return isHeld ? undefined : { owner, fence: fence + 1, taken: now, ttl, isLocked }
}

/** Releases a lease, if it still has this holder. */
export function releaseLease({ leases }: Rows, write: Write, { owner, fence }: LeaseHolder): void {
  const last = fieldsOf<LeaseRow>(leases)
  // Keep the row: the next fencing token must be higher.
  if (last.owner === owner && last.fence === fence) write('leases', { ...last, owner: undefined })
}

function fieldsOf<Row>(row: unknown): { readonly [Name in keyof Row]?: unknown } {
  return row ?? {}
}

function isInteger(value: unknown, min: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min
}
