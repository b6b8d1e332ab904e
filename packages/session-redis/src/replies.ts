import type { StoredRecord, StoreLease } from '@pds/session'

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
  if (reply === null) return undefined
  if (!Array.isArray(reply) || reply.length !== 2) throw invalidReply()
  const fence = integerOf(textOf(reply[0]))
  if (fence === undefined) throw invalidReply()
  return { fence, record: parseRecord(reply[1]) }
}

/** Parses the reply of the compare-and-set script. */
export function parseIsWritten(reply: unknown): boolean {
  const text = textOf(reply)
  if (text !== '0' && text !== '1') throw invalidReply()
  return text === '1'
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
  if (typeof reply === 'string') return reply
  // A client of node-redis can be configured to return bytes.
  if (reply instanceof Uint8Array) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(reply)
  throw invalidReply()
}

function integerOf(text: string | undefined): number | undefined {
  const number = Number(text)
  return text !== undefined && /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : undefined
}

function invalidReply(): Error {
  return new Error('Redis: the reply of a script is invalid: pass a client of redis (node-redis) or ioredis')
}
