import type { Fault } from './fault.ts'

interface FieldKind {
  wants: string
  accepts(value: unknown): boolean
  required?: boolean
}

const text: FieldKind = { wants: 'a string', accepts: (value) => typeof value === 'string' }
const moment: FieldKind = oneOf('before', 'after')
// What timers can hold.
const milliseconds: FieldKind = {
  wants: 'a number of milliseconds from 0 to 2147483647',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= 2 ** 31 - 1,
  required: true,
}

const target: Record<string, FieldKind> = {
  type: text,
  path: { wants: 'a path such as /v2/oauth/token', accepts: (value) => /^\//.test(String(value)) },
  times: { wants: 'a whole number from 1', accepts: (value) => isWhole(value) && value >= 1 },
}

const kinds: Record<Fault['type'], Record<string, FieldKind>> = {
  status: {
    status: {
      wants: 'a status from 200 to 599',
      accepts: (value) => isWhole(value) && value >= 200 && value <= 599,
      required: true,
    },
    body: oneOf('service', 'capital', 'gateway', 'html', 'xml', 'empty'),
    code: text,
    message: text,
    headers: { wants: 'an object of header fields that HTTP allows', accepts: areHeaders },
    when: moment,
  },
  throttle: {
    retryAfter: {
      wants: 'a number of seconds from 0, or the text of a header field',
      accepts: (value) =>
        typeof value === 'string' ? areHeaders({ 'retry-after': value }) : isWhole(value) && value >= 0,
    },
  },
  redirect: {
    location: {
      wants: 'a full address',
      accepts: (value) => typeof value === 'string' && URL.canParse(value) && areHeaders({ location: value }),
      required: true,
    },
    status: oneOf(301, 302, 303, 307, 308),
    when: moment,
  },
  html: { when: moment },
  delay: { milliseconds, when: moment },
  drop: { when: moment },
  truncate: {},
  'wrong-length': { by: { wants: 'a whole number of bytes', accepts: isWhole, required: true } },
  drip: { milliseconds },
  date: {
    skew: {
      // So much that each date in it has a form of four-digit years.
      wants: 'a number of milliseconds, of at most 1000 years',
      accepts: (value) => typeof value === 'number' && Math.abs(value) <= 1000 * 366 * 24 * 3_600_000,
      required: true,
    },
  },
}

/** Checks a fault from anywhere. Throws `TypeError` that names the field and what is wanted. */
export function parseFault(value: unknown): Fault {
  if (typeof value !== 'object' || value === null) throw new TypeError('a fault must be an object')
  const fields = value as Record<string, unknown>
  const { type } = fields
  if (typeof type !== 'string' || !Object.hasOwn(kinds, type)) {
    throw new TypeError(`type must be one of ${Object.keys(kinds).join(', ')}`)
  }
  const known = { ...target, ...kinds[type as Fault['type']] }
  for (const [name, kind] of Object.entries(known)) {
    const field = fields[name]
    if (field === undefined ? kind.required : !kind.accepts(field)) {
      throw new TypeError(`${name} of a fault of the type ${type} must be ${kind.wants}`)
    }
  }
  const unknown = Object.keys(fields).find((name) => !Object.hasOwn(known, name))
  if (unknown !== undefined) {
    throw new TypeError(
      `a fault of the type ${type} has no ${unknown}: it has ${Object.keys(known).join(', ')}`,
    )
  }
  const given = Object.entries(fields).filter(([, field]) => field !== undefined)
  return Object.fromEntries(given) as unknown as Fault
}

function oneOf(...values: readonly (string | number)[]): FieldKind {
  return {
    wants: `one of ${values.join(', ')}`,
    accepts: (value) => values.includes(value as string),
  }
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function areHeaders(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  if (!Object.values(value).every((field) => typeof field === 'string')) return false
  try {
    return new Headers(value as Record<string, string>) !== undefined
  } catch {
    return false
  }
}
