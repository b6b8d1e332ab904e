import type { StoredRecord } from './store.ts'

/** What a database stores under a key: the record and the lease. */
export interface DatabaseValue {
  /** The record. Undefined if the key has none. */
  readonly record?: StoredRecord | undefined
  /** The id of the write of the record. */
  readonly write?: string | undefined
  /** The current lease, which may have expired. */
  readonly lease?: DatabaseLease | undefined
  /** The last fencing token. 0 before the first lease. */
  readonly fence: number
  /** The text that was damaged when a lease was taken. */
  readonly damaged?: string | undefined
}

/** A lease in the value of a database. Its fencing token is the last one of the value. */
export interface DatabaseLease {
  readonly owner: string
  /** When the lease expires, by the clock of its owner, in milliseconds since the Unix epoch. */
  readonly until: number
  /** The duration of the lease, in milliseconds. */
  readonly ttl: number
  /** The id of the write of the lease. */
  readonly write: string
}

const format = 1

/** Returns the text that a database stores for a value. */
export function formatValue({ record, write, lease, fence, damaged }: DatabaseValue): string {
  const { rev = 0, epoch, data } = record ?? {}
  return JSON.stringify({
    format,
    rev,
    epoch,
    data: damaged === undefined ? data : undefined,
    write,
    fence,
    lease,
    damaged,
  })
}

/**
 * Parses the text that a database stores. A text that no version of this store can read is a damaged record without a
 * lease: its revision is -1.
 */
export function parseValue(text: unknown): DatabaseValue {
  let fields: Record<string, unknown> = {}
  let flaw = typeof text === 'string' ? undefined : `a value of type ${typeof text} instead of text`
  try {
    if (flaw === undefined) fields = Object(JSON.parse(text as string))
    if (fields.format !== format) flaw ??= 'another format'
  } catch {
    flaw = 'no JSON'
  }
  const damaged = typeof text === 'string' ? text : ''
  if (flaw !== undefined) return { record: damagedRecord(0, flaw), fence: 0, damaged }

  const { rev, epoch, data, write, lease } = fields
  const fence = isInteger(fields.fence) ? fields.fence : 0
  const rest = { fence, lease: isLease(lease) ? lease : undefined }
  if (rev === 0) return rest
  const wrong = Object.entries({
    rev: isInteger(rev),
    epoch: isInteger(epoch),
    data: typeof data === 'string',
  }).flatMap(([name, isValid]) => (isValid ? [] : [name]))
  if (wrong.length === 0) {
    const record = { rev, epoch, data } as StoredRecord
    return { ...rest, record, write: typeof write === 'string' ? write : undefined }
  }
  const record = damagedRecord(isInteger(epoch) ? epoch : 0, `missing or invalid: ${wrong.join(', ')}`)
  // A lease has replaced the damaged text, and keeps it.
  return { ...rest, record, damaged: typeof fields.damaged === 'string' ? fields.damaged : damaged }
}

function damagedRecord(epoch: number, flaw: string): StoredRecord {
  const error = new Error(
    `the stored session is damaged (${flaw}): setToken and signOut replace it. Use keys of the database that only this store writes`,
  )
  return { rev: -1, epoch, data: '', error }
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isLease(value: unknown): value is DatabaseLease {
  const { owner, until, ttl, write } = Object(value)
  return [owner, write].every((text) => typeof text === 'string') && [until, ttl].every(Number.isFinite)
}
