import { replacementFor } from '#platform'
import { invalidParameter, mustBe } from '../errors/invalid-parameter.ts'

/** What an option takes: in words, for errors, and as a check. */
export interface OptionValidator {
  /** What a value must be, as errors say it after "must be". */
  wants: string
  /** Whether a value is of this kind. */
  accepts(value: unknown): boolean
}

// What timers can hold: a longer one would fire at once.
export const maxTimerDelay: number = 2_147_483_647

/** Takes true and false. */
export const booleanOption: OptionValidator = {
  wants: 'true or false',
  accepts: (value) => typeof value === 'boolean',
}

/** Takes any function. */
export const functionOption: OptionValidator = {
  wants: 'a function',
  accepts: (value) => typeof value === 'function',
}

export const countOption: OptionValidator = {
  wants: 'a whole number from 0',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
}

/** Takes a number of milliseconds, from 0, which means no limit, to 2 147 483 647, the most that timers can hold. */
export const millisecondsOption: OptionValidator = {
  wants: 'a number of milliseconds from 0 (no limit) to 2147483647',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= maxTimerDelay,
}

/** The hooks of a transport or a call: an object of functions with known names, or several. */
export const hooksOption: OptionValidator = {
  wants:
    'an object of the functions beforeRequest, afterResponse, beforeRetry and beforeError, or an array of such',
  accepts: (value) => (Array.isArray(value) ? value.every(areHooks) : areHooks(value)),
}

function areHooks(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.entries(value).every(
      ([name, hook]) =>
        /^(beforeRequest|afterResponse|beforeRetry|beforeError)$/.test(name) &&
        (hook === undefined || typeof hook === 'function'),
    )
  )
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value is a text of visible characters, as a token in a header is (RFC 6750 section 2.1). */
export function isHeaderText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

/** Whether a value is an object that consists of its own fields alone, also one of another realm. */
export function isPlainObject(value: unknown): value is object {
  if (!isObject(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Options without those that are undefined. */
export type DefinedOptions<T> = { [Name in keyof T]: Exclude<T[Name], undefined> }

/**
 * Checks options against the table of those that there are, for code that takes some.
 *
 * Throws a `PDSError` `InvalidParameter` for a wrong value, and for an unknown name: a misspelt option, or one of
 * axios that fetch cannot honour, must not be left out in silence. Gives back a copy with what was checked and nothing
 * else: options that change afterwards, or are inherited, would go unchecked.
 */
export function checkOptions<T extends object>(
  owner: string,
  prefix: string,
  options: T,
  kinds: Readonly<Record<string, OptionValidator>>,
): DefinedOptions<T> {
  if (!isPlainObject(options)) {
    throw mustBe(owner, 'a plain object', options)
  }
  const own: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (!kind) {
      throw invalidParameter(
        `${prefix + name} is not an option here: ${replacementFor(name, Object.keys(kinds))}`,
      )
    }
    if (!kind.accepts(value)) {
      throw mustBe(prefix + name, kind.wants, value, typeof value === 'number' ? value : undefined)
    }
    own[name] = value
  }
  return own as DefinedOptions<T>
}
