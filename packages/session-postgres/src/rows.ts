import type { StoredRecord, StoreLease } from '@pds/session'
import type { Row } from './query.ts'
import { unescapeText } from './stored-text.ts'

/** Parses the record of a row. Returns undefined if the row has none. */
export function parseRecord(row: Row | undefined): StoredRecord | undefined {
  if (!row) return undefined
  const rev = Number(textOf(row.rev))
  if (!Number.isSafeInteger(rev) || rev < -1) throw invalidRow()
  if (rev === 0) return undefined
  const epoch = integerOf(textOf(row.epoch))
  const data = textOf(row.data)
  if (rev > 0 && epoch !== undefined && data !== undefined) return { epoch, data: unescapeText(data), rev }
  const names = Object.entries({ rev: rev < 0, epoch: epoch === undefined, data: data === undefined })
  const flaws = names.flatMap(([name, isDamaged]) => (isDamaged ? [name] : []))
  return { epoch: epoch ?? 0, data: '', rev, error: damagedRecord(flaws) }
}

/** Parses the row of a lease. Returns undefined without a row. */
export function parseLease(row: Row | undefined): StoreLease | undefined {
  if (!row) return undefined
  const fence = integerOf(textOf(row.fence))
  if (fence === undefined) throw invalidRow()
  return { fence, record: parseRecord(row) }
}

/** Parses a row of a list: the stored key, and the whole key. */
export function parseListed({ key, name }: Row): { stored: string; key: string } {
  const [stored, whole] = [textOf(key), textOf(name)]
  if (stored === undefined || whole === undefined) throw invalidRow()
  return { stored, key: unescapeText(whole) }
}

function damagedRecord(flaws: readonly string[]): Error {
  return new Error(
    `PostgreSQL: the stored session is damaged (missing or invalid: ${flaws.join(', ')}): setToken and signOut replace it. Use a table that only @pds/session-postgres writes`,
  )
}

function textOf(value: unknown): string | undefined {
  if (value === null) return undefined
  if (typeof value === 'string') return value
  throw invalidRow()
}

function integerOf(text: string | undefined): number | undefined {
  const number = Number(text)
  return text !== undefined && /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : undefined
}

function invalidRow(): Error {
  return new Error(
    'PostgreSQL: a row of the result is invalid: query must return rows as objects, with the names and texts that the server sends',
  )
}
