import type { StoredRecord } from '@pds/session'

/** Reads the reply of the read script. */
export function recordOf(reply: unknown): StoredRecord | undefined {
  if (!Array.isArray(reply) || reply.length !== 3) throw notOurs()
  const [rev, epoch, data] = reply.map(textOf)
  if (rev === undefined && epoch === undefined && data === undefined) return undefined
  if (data === undefined) throw notOurs()
  return { epoch: numberOf(epoch), data, rev: numberOf(rev) }
}

/** Reads the reply of the lease script. */
export function fenceOf(reply: unknown): number | undefined {
  const text = textOf(reply)
  return text === undefined ? undefined : numberOf(text)
}

/** Reads the reply of the compareAndSet script. */
export function isWritten(reply: unknown): boolean {
  const text = textOf(reply)
  if (text !== '0' && text !== '1') throw notOurs()
  return text === '1'
}

function textOf(reply: unknown): string | undefined {
  if (reply === null) return undefined
  if (typeof reply === 'string') return reply
  // A client of node-redis may be told to give bytes.
  if (reply instanceof Uint8Array) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(reply)
  throw notOurs()
}

function numberOf(text: string | undefined): number {
  const number = Number(text)
  if (text === undefined || !/^\d+$/.test(text) || !Number.isSafeInteger(number)) throw notOurs()
  return number
}

function notOurs(): Error {
  return new Error(
    'Redis: what is stored for the session, or the reply, is not of a store of @pds/session-redis',
  )
}
