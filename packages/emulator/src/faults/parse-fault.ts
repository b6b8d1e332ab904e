import { checkNames, checkObject, describeValue } from '../domain/check-fields.ts'
import type { Fault } from './fault.ts'

interface FieldKind {
  /** What the value must be, for error messages. */
  wants: string
  accepts(value: unknown): boolean
  required?: boolean
}

const text: FieldKind = { wants: 'a string', accepts: (value) => typeof value === 'string' }
const timing: FieldKind = oneOf('before', 'after')
// The maximum is the longest delay that timers support.
const milliseconds: FieldKind = {
  wants: 'a number of milliseconds from 0 to 2147483647',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= 2 ** 31 - 1,
  required: true,
}

const target: Record<string, FieldKind> = {
  type: text,
  path: {
    wants: 'a path that starts with /, for example /v2/oauth/token',
    accepts: (value) => /^\//.test(String(value)),
  },
  times: { wants: 'a positive integer', accepts: (value) => isWhole(value) && value >= 1 },
}

const kinds: Record<Fault['type'], Record<string, FieldKind>> = {
  status: {
    status: {
      wants: 'an integer from 200 to 599',
      accepts: (value) => isWhole(value) && value >= 200 && value <= 599,
      required: true,
    },
    body: oneOf('service', 'capital', 'gateway', 'html', 'xml', 'empty'),
    code: text,
    message: text,
    headers: { wants: 'an object of valid HTTP headers', accepts: areHeaders },
    when: timing,
  },
  throttle: {
    retryAfter: {
      wants: 'a non-negative integer (seconds) or a valid header value',
      accepts: (value) =>
        typeof value === 'string' ? areHeaders({ 'retry-after': value }) : isWhole(value) && value >= 0,
    },
  },
  redirect: {
    location: {
      wants: 'an absolute URL',
      accepts: (value) => typeof value === 'string' && URL.canParse(value) && areHeaders({ location: value }),
      required: true,
    },
    status: oneOf(301, 302, 303, 307, 308),
    when: timing,
  },
  html: { when: timing },
  delay: { milliseconds, when: timing },
  drop: { when: timing },
  truncate: {},
  'wrong-length': { by: { wants: 'an integer (bytes)', accepts: isWhole, required: true } },
  drip: { milliseconds },
  date: {
    skew: {
      // In this range, each date has a four-digit year.
      wants: 'a number of milliseconds, at most 1000 years',
      accepts: (value) => typeof value === 'number' && Math.abs(value) <= 1000 * 366 * 24 * 3_600_000,
      required: true,
    },
  },
}

/** Checks a fault and returns a copy of it. Throws a `TypeError` that names the wrong field. */
export function parseFault(value: unknown): Fault {
  const fields = checkObject('fault', value)
  const { type } = fields
  if (typeof type !== 'string' || !Object.hasOwn(kinds, type)) {
    throw new TypeError(
      `fault.type must be one of ${Object.keys(kinds).join(', ')} (received ${describeValue(type)})`,
    )
  }
  const known = { ...target, ...kinds[type as Fault['type']] }
  for (const [name, kind] of Object.entries(known)) {
    const field = fields[name]
    if (field === undefined ? kind.required : !kind.accepts(field)) {
      throw new TypeError(
        `fault of type ${type}: ${name} must be ${kind.wants} (received ${describeValue(field)})`,
      )
    }
  }
  checkNames(`fault of type ${type}`, fields, Object.keys(known))
  const defined = Object.entries(fields).filter(([, field]) => field !== undefined)
  return Object.fromEntries(defined) as unknown as Fault
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
