import { sanitizeError } from '@pds/core/internal'

// Fewer equal characters in a row may be a coincidence.
const minRepeatedLength = 8

const otherTable =
  'the table has other columns than this version needs. Call migrate() of the store. If that does not help, set `table` to another name'
const preparedStatement =
  'behind a pooler such as PgBouncer, `query` must not use named prepared statements, nor `SET` or transactions'

/** What to do, by SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const help: Readonly<Record<string, string>> = {
  '22021': 'the database must have the encoding UTF8',
  '22P05': 'the database must have the encoding UTF8',
  '25006': 'connect `query` to the primary server',
  '26000': preparedStatement,
  '3F000': 'create the schema first: the store creates only its table',
  '42501':
    'the user needs SELECT, INSERT, UPDATE and DELETE on the table, and migrate() CREATE on the schema',
  '42703': otherTable,
  '42804': otherTable,
  '42883': otherTable,
  '42P01': 'call migrate() of the store, or run the SQL of its property `schema`',
  '42P05': preparedStatement,
  '53300': 'give the pool fewer connections, or raise max_connections of the server',
}

/**
 * Creates the error that a store rejects with. It contains only the message and the SQLSTATE that the client threw, and
 * what to do: errors of clients carry the parameters of the statement and rows of the table. A message that repeats a part
 * of `sent` is omitted.
 */
export function postgresError(reason: unknown, sent: readonly string[]): Error {
  const { message } = sanitizeError(reason)
  const state = sqlStateOf(reason)
  const advice = state !== undefined && help[state] !== undefined ? `: ${help[state]}` : ''
  const kind = state === undefined ? errorKind(reason) : `SQLSTATE ${state}`
  if (message === '') return new Error(`PostgreSQL: ${kind}${advice}`)
  if (repeatsRequest(message, sent)) {
    return new Error(`PostgreSQL: ${kind} (message omitted: it repeats a part of the request)${advice}`)
  }
  return new Error(`PostgreSQL: ${message}${state === undefined ? '' : ` (${kind})`}${advice}`)
}

/** Returns the SQLSTATE of an error of the server, or undefined for another error, such as of the connection. */
export function sqlStateOf(reason: unknown): string | undefined {
  const code = codeOf(reason)
  // Codes of Node.js, such as EPIPE, have no digit.
  return code !== undefined && /^(?=.*\d)[\dA-Z]{5}$/.test(code) ? code : undefined
}

/** Returns a name for an error without a message: its Node.js error code, such as ECONNREFUSED, or its class. */
function errorKind(reason: unknown): string {
  if (!(reason instanceof Error)) return typeof reason
  const code = codeOf(reason)
  return code !== undefined && /^[A-Z_]+$/.test(code) ? code : reason.constructor.name
}

function codeOf(reason: unknown): string | undefined {
  const { code } = Object(reason) as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}

function repeatsRequest(message: string, sent: readonly string[]): boolean {
  for (let start = 0; start + minRepeatedLength <= message.length; start++) {
    const part = message.slice(start, start + minRepeatedLength)
    if (sent.some((text) => text.includes(part))) return true
  }
  return false
}
