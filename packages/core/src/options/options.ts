import { replacementFor } from '#platform'
import { invalidParameter, mustBe } from '../errors/invalid-parameter.ts'

/** Checks the value of an option, and describes valid values in error messages. */
export interface OptionValidator {
  /** The valid values, in the words that follow "must be" in an error message. */
  wants: string
  /** Returns whether a value is valid. */
  accepts(value: unknown): boolean
}

// The longest delay of a timer, in milliseconds. A timer with a longer delay fires at once.
export const maxTimerDelay: number = 2_147_483_647

/** Accepts a boolean. */
export const booleanOption: OptionValidator = {
  wants: 'true or false',
  accepts: (value) => typeof value === 'boolean',
}

/** Accepts a function. */
export const functionOption: OptionValidator = {
  wants: 'a function',
  accepts: (value) => typeof value === 'function',
}

/** Accepts a non-negative integer. */
export const countOption: OptionValidator = {
  wants: 'a non-negative integer',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
}

/** Accepts milliseconds from 0 (no limit) to 2 147 483 647 (the longest delay of a timer). */
export const millisecondsOption: OptionValidator = {
  wants: 'a number of milliseconds from 0 (no limit) to 2147483647',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= maxTimerDelay,
}

/** Accepts the hooks of a transport or a call: an object of functions with known names, or an array of such objects. */
export const hooksOption: OptionValidator = {
  wants:
    'an object with the functions beforeRequest, afterResponse, beforeRetry and beforeError, or an array of such objects',
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

/** Returns whether a value is an object and not an array. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Returns whether a value is a non-empty string of visible ASCII characters, as a token in a header must be (RFC 6750
 * section 2.1).
 */
export function isHeaderText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

/** Returns whether a value is a plain object: its prototype is null or the `Object.prototype` of any realm. */
export function isPlainObject(value: unknown): value is object {
  if (!isObject(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Options without undefined values. */
export type DefinedOptions<T> = { [Name in keyof T]: Exclude<T[Name], undefined> }

/**
 * Returns a copy of the options, checked against a table of validators and without undefined values.
 *
 * Throws a `PDSError` with code `InvalidParameter` for an invalid value and for an unknown name. An unknown option is
 * never ignored: it may be a typo, or an axios option that fetch cannot honour. The copy has only checked own
 * properties, so inherited properties and later changes have no effect.
 */
export function checkOptions<T extends object>(
  owner: string,
  prefix: string,
  options: T,
  validators: Readonly<Record<string, OptionValidator>>,
): DefinedOptions<T> {
  if (!isPlainObject(options)) {
    throw mustBe(owner, 'a plain object', options)
  }
  const checked: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    const validator = Object.hasOwn(validators, name) ? validators[name] : undefined
    if (!validator) {
      throw invalidParameter(
        `${prefix + name} is not a supported option: ${replacementFor(name, Object.keys(validators))}`,
      )
    }
    if (!validator.accepts(value)) {
      throw mustBe(prefix + name, validator.wants, value, typeof value === 'number' ? value : undefined)
    }
    checked[name] = value
  }
  return checked as DefinedOptions<T>
}
