import type { StoredRecord, StoreLease } from '@pds/session'

/*
 * Scripts put an equals sign before each text of a reply. A client of `@upstash/redis` would otherwise parse a text that is
 * JSON, such as a number, and remove a byte order mark from the start of a text.
 */

/** Parses the reply of the read script. */
export function parseRecord(reply: unknown): StoredRecord | undefined {
  if (!Array.isArray(reply) || reply.length < 3) throw invalidReply()
  const [revText, epochText, data, type] = reply.map(textOf)
  const rev = Number(revText)
  if (!Number.isSafeInteger(rev) || rev < -1) throw invalidReply()
  if (rev === 0) return undefined
  const epoch = integerOf(epochText)
  const flaw = flawOf(rev, epoch, data, type)
  if (flaw === undefined) return { epoch: epoch as number, data: data as string, rev }
  return { epoch: epoch ?? 0, data: '', rev, error: damagedRecord(flaw) }
}

/** Parses the reply of the lease script. */
export function parseLease(reply: unknown): StoreLease | undefined {
  if (!Array.isArray(reply) && !parseFlag(reply)) return undefined
  if (!Array.isArray(reply) || reply.length !== 2) throw invalidReply()
  const fence = integerOf(textOf(reply[0]))
  if (fence === undefined) throw invalidReply()
  return { fence, record: parseRecord(reply[1]) }
}

/** Parses a reply that says yes or no. */
export function parseFlag(reply: unknown): boolean {
  const text = textOf(reply)
  if (text !== '0' && text !== '1') throw invalidReply()
  return text === '1'
}

/** Parses the reply of a script that returns a text. */
export function parseText(reply: unknown): string {
  const text = textOf(reply)
  if (text === undefined) throw invalidReply()
  return text
}

/** Ignores the reply of a script that returns nothing. */
export function parseNothing(): void {}

/** Returns a text that a client may return as bytes, or undefined for another value. */
export function decodeText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  // A client of node-redis can be configured to return bytes.
  if (value instanceof Uint8Array) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(value)
  return undefined
}

/** Returns what is wrong with a record, without its content. */
function flawOf(
  rev: number,
  epoch: number | undefined,
  data: string | undefined,
  type: string | undefined,
): string | undefined {
  if (type !== undefined) return `its key has the type ${type} instead of hash`
  const fields = [rev < 0 && 'rev', epoch === undefined && 'epoch', data === undefined && 'data'].filter(
    (name) => name !== false,
  )
  return fields.length > 0 ? `missing or invalid: ${fields.join(', ')}` : undefined
}

function damagedRecord(flaw: string): Error {
  return new Error(
    `Redis: the stored session is damaged (${flaw}): setToken and signOut replace it. Use a prefix whose keys only @pds/session-redis writes`,
  )
}

function textOf(reply: unknown): string | undefined {
  if (reply === null || reply === undefined) return undefined
  const text = decodeText(reply)
  if (!text?.startsWith('=')) throw invalidReply()
  return text.slice(1)
}

function integerOf(text: string | undefined): number | undefined {
  const number = Number(text)
  return text !== undefined && /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : undefined
}

function invalidReply(): Error {
  return new Error('the reply of a script is invalid')
}
