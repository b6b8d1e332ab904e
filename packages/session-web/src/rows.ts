import type { LeaseHolder, StoredRecord } from '@pds/session'
import type { Row } from './backend.ts'

/** The lease in a row. If it is damaged, fields can be missing or of any type. */
interface StoredLease {
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
export function toRecord({ record }: Row, name: string): StoredRecord | undefined {
  if (record === undefined) return undefined
  const { rev, epoch, data }: { [Field in keyof StoredRecord]: unknown } = Object(record)
  const valid = { rev: isInteger(rev, 1) ? rev : -1, epoch: isInteger(epoch, 0) ? epoch : 0 }
  if (valid.rev === rev && valid.epoch === epoch && typeof data === 'string') return { ...valid, data }
  const error = new Error(
    `web storage "${name}": the stored session is damaged: sign in again and pass the token to setToken`,
  )
  return { ...valid, data: '', error }
}

/**
 * Changes the row to the next lease and returns its fencing token. Returns undefined if another owner holds the lease. A
 * damaged lease counts as free.
 */
export function takeLease(
  row: Row,
  owner: string,
  ttl: number,
  isLocked: boolean,
  now: number,
): number | undefined {
  const {
    owner: lastOwner,
    fence: lastFence,
    taken,
    ttl: duration,
    isLocked: wasLocked,
  }: StoredLease = Object(row.lease)
  const fence = isInteger(lastFence, 1) ? lastFence : 0
  // The last owner has freed its Web Lock, so it no longer relies on the lease.
  const isAbandoned = isLocked && wasLocked
  const isHeld =
    fence > 0 &&
    typeof lastOwner === 'string' &&
    lastOwner !== owner &&
    [taken, duration].every(Number.isFinite) &&
    now < taken + duration &&
    now >= taken - clockTolerance &&
    !isAbandoned
  if (isHeld) return undefined
  row.lease = { owner, fence: fence + 1, taken: now, ttl, isLocked }
  return fence + 1
}

/** Releases the lease of a row. Returns false if it no longer has this holder. */
export function releaseLease(row: Row, { owner, fence }: LeaseHolder): boolean {
  const last: StoredLease = Object(row.lease)
  if (last.owner !== owner || last.fence !== fence) return false
  // Keep the rest: the next fencing token must be higher.
  row.lease = { ...last, owner: undefined }
  return true
}

function isInteger(value: unknown, min: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min
}
