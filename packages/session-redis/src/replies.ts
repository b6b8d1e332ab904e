import type { StoredRecord } from '@pds/session'

/** Parses the reply of the read script. */
export function parseRecord(reply: unknown): StoredRecord | undefined {
  if (!Array.isArray(reply) || reply.length !== 3) throw invalidReply()
  const [rev, epoch, data] = reply.map(textOf)
  if (rev === undefined && epoch === undefined && data === undefined) return undefined
  if (data === undefined) throw invalidReply()
  return { epoch: numberOf(epoch), data, rev: numberOf(rev) }
}

/** Parses the reply of the lease script. */
export function parseFence(reply: unknown): number | undefined {
  const text = textOf(reply)
  return text === undefined ? undefined : numberOf(text)
}

/** Parses the reply of the compare-and-set script. */
export function parseIsWritten(reply: unknown): boolean {
  const text = textOf(reply)
  if (text !== '0' && text !== '1') throw invalidReply()
  return text === '1'
}

function textOf(reply: unknown): string | undefined {
  if (reply === null) return undefined
  if (typeof reply === 'string') return reply
  // A client of node-redis can be configured to return bytes.
  if (reply instanceof Uint8Array) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(reply)
  throw invalidReply()
}

function numberOf(text: string | undefined): number {
  const number = Number(text)
  if (text === undefined || !/^\d+$/.test(text) || !Number.isSafeInteger(number)) throw invalidReply()
  return number
}

function invalidReply(): Error {
  return new Error('Redis: invalid record or reply: use a prefix whose keys only @pds/session-redis writes')
}
