import { replacementFor, textFlaw } from '#platform'
import { invalidParameter, mustBe } from '../errors/invalid-parameter.ts'

/** Checks the value of an option or a parameter of type T, and describes valid values in error messages. */
export interface OptionValidator<T = unknown> {
  /** The valid values, in the words that follow "must be" in an error message. */
  wants: string
  /** Returns whether a value is valid. */
  accepts(value: unknown): boolean
  /** Returns what was received, if the message should say more than its type. Default: a number. */
  received?(value: unknown): unknown
  /** Whether the option must be given. Default: false. */
  isRequired?: boolean
  /** A second spelling of the name. */
  otherName?: string
  /** Never set: the type of the checked value. */
  type?: T
}

/** The validator of an option that must be given. */
export type RequiredOption<T> = OptionValidator<T> & { isRequired: true }

// The longest delay of a timer, in milliseconds. A timer with a longer delay fires at once.
export const maxTimerDelay: number = 2_147_483_647

/** Accepts everything: other code checks the value. */
export const anyOption: OptionValidator = { wants: '', accepts: () => true }

/** Accepts a boolean. */
export const booleanOption: OptionValidator<boolean> = {
  wants: 'true or false',
  accepts: (value) => typeof value === 'boolean',
}

/** Accepts a function. */
export const functionOption: OptionValidator = {
  wants: 'a function',
  accepts: (value) => typeof value === 'function',
}

/** Accepts a non-negative integer. */
export const countOption: OptionValidator<number> = {
  wants: 'a non-negative integer',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
}

/** Accepts milliseconds from 0 (no limit) to 2 147 483 647 (the longest delay of a timer). */
export const millisecondsOption: OptionValidator<number> = {
  wants: 'a number of milliseconds from 0 (no limit) to 2147483647',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= maxTimerDelay,
}

const textWants = 'a non-empty string'
const isText = (value: unknown) => typeof value === 'string' && value !== '' && !textFlaw(value)

// A number may be a secret.
const received = (): undefined => undefined

/** Accepts an id, a code, a secret or a token. */
export const textOption: OptionValidator<string> = { wants: textWants, accepts: isText, received }

/** Requires an id, a code, a secret or a token. */
export const requiredText: RequiredOption<string> = {
  // Without a spread of textOption, which bundlers would keep where it is not used.
  wants: textWants,
  accepts: isText,
  received,
  isRequired: true,
}

/** Accepts the hooks of a transport or a call: an object of functions with known names, or an array of these. */
export const hooksOption: OptionValidator = {
  wants: 'an object of hooks (beforeRequest, afterResponse, beforeRetry, beforeError), or an array of these',
  accepts: (value) => [value].flat().every(areHooks),
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

type Validators = Readonly<Record<string, OptionValidator>>

/**
 * Returns a copy of the options of a function, checked against a table of validators and without undefined values.
 *
 * Throws a `PDSError` with code `InvalidParameter` that names the function, for an invalid value, a missing option and
 * an unknown name. An unknown option is never ignored: it may be a typo, or an axios option that fetch cannot honour.
 * The copy has only checked own properties, so inherited properties and later changes have no effect.
 *
 * `argument` is the name of the argument. Its options are named without it, unless `prefix` says otherwise.
 */
export function checkOptions<T extends object>(
  method: string,
  options: T,
  validators: Validators,
  argument = 'options',
  prefix = '',
): DefinedOptions<T> {
  if (!isPlainObject(options)) throw mustBe(`${method}: ${argument}`, 'a plain object', options)
  const path = `${method}: ${prefix}`
  const names = Object.keys(validators)
  const checked: Record<string, unknown> = Object.create(null)
  for (const [given, value] of Object.entries(options)) {
    if (value === undefined) continue
    const name = names.find((known) => known === given || validators[known]?.otherName === given)
    const validator = validators[name ?? '']
    if (name === undefined || !validator) {
      // A body that was parsed in the wrong way has secrets in the place of names.
      const shown = /^\w{1,30}$/.test(given) ? path + given : `${method}: a name`
      throw invalidParameter(`${shown} is not supported: ${replacementFor(given, names)}`)
    }
    if (!validator.accepts(value)) {
      const { received = (number) => (typeof number === 'number' ? number : undefined) } = validator
      throw mustBe(path + given, validator.wants, value, received(value))
    }
    if (name in checked && checked[name] !== value) {
      throw invalidParameter(
        `${path}${name} and ${validator.otherName} have different values: pass only one of them`,
      )
    }
    checked[name] = value
  }
  for (const name of names) {
    const { isRequired, wants } = validators[name] as OptionValidator
    if (isRequired && !(name in checked)) throw invalidParameter(`${path + name} is required: ${wants}`)
  }
  return checked as DefinedOptions<T>
}
