import type { StoredRecord } from '@pds/session'

/**
 * The highest revision, epoch or fencing token that is valid. The next one is still an integer that JavaScript represents
 * exactly, as `node:sqlite` requires.
 */
export const maxInteger: number = Number.MAX_SAFE_INTEGER - 1

/** Returns an SQL expression for the revision of a row of `records`, or -1 if it is damaged. */
export function storedRev(): string {
  return integerOr(-1, 'rev', 1)
}

/**
 * Returns the columns of `records` for `toRecord`. A damaged value becomes -1 or NULL, because some would throw when read.
 */
export function recordColumns(): string {
  return `${storedRev()} AS rev, ${integerOr(-1, 'epoch', 0)} AS epoch, CAST(data AS BLOB) AS data`
}

/** Returns an SQL expression for an integer column, or `otherwise` if its value is not an integer from `min`. */
export function integerOr(otherwise: number, column: string, min: number): string {
  return `iif(typeof(${column}) = 'integer' AND ${column} BETWEEN ${min} AND ${maxInteger}, ${column}, ${otherwise})`
}

/** Returns the record of a row with `recordColumns`. */
export function toRecord(row: Record<string, unknown>, file: string): StoredRecord {
  const [rev, epoch, data] = [Number(row.rev), Number(row.epoch), toText(row.data)]
  const damaged = rev === -1 ? 'revision' : epoch === -1 ? 'epoch' : data === undefined && 'data'
  if (!damaged) return { epoch, data: data as string, rev }
  const error = new Error(
    `the ${damaged} of a stored session is damaged (${file}): sign in again to replace it`,
  )
  return { epoch: Math.max(epoch, 0), data: '', rev, error }
}

/** Returns the text of UTF-8 bytes, or undefined if they are damaged. */
export function toText(bytes: unknown): string | undefined {
  try {
    // `ignoreBOM` keeps a byte order mark as part of the text.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes as Uint8Array)
  } catch {
    return undefined
  }
}
