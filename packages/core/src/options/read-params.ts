import { invalidParameter, mustBe } from '../errors/invalid-parameter.ts'
import { isObject } from './options.ts'

type KeyOfUnion<T> = T extends unknown ? keyof T & string : never

/** Reads the checked fields of one method's parameters; see `readParams`. */
export interface ParamsReader<Name extends string> {
  /** A non-empty string, under either of two spellings. */
  string(name: Name, otherSpelling?: Name): string
  /** A non-empty string, or undefined where it is not given. */
  optionalString(name: Name, otherSpelling?: Name): string | undefined
  /** A boolean, or the default where it is not given. */
  boolean<Default extends boolean | undefined>(name: Name, defaultValue: Default): boolean | Default
}

/**
 * Gives a reader of a method's parameters, for code that makes a token method.
 *
 * Each of its functions throws a `PDSError` `InvalidParameter` that names the method and the field, and what it
 * got only by its type: the value may be a secret.
 */
export function readParams<T extends object>(method: string, params: T): ParamsReader<KeyOfUnion<T>> {
  const error = (text: string) => invalidParameter(`${method}: ${text}`)
  const wrong = (name: string, wants: string, value: unknown) => mustBe(`${method}: ${name}`, wants, value)
  if (!isObject(params)) throw wrong('params', 'an object', params)
  const values = params as Record<string, unknown>

  function optionalString(name: string, otherSpelling = name): string | undefined {
    const key = values[name] === undefined ? otherSpelling : name
    const value = values[key]
    if (value === undefined) return undefined
    const other = values[otherSpelling]
    if (other !== undefined && !Object.is(other, value)) {
      throw error(`${name} and ${otherSpelling} have different values; give one of them`)
    }
    if (typeof value !== 'string' || !value) throw wrong(key, 'a non-empty string', value)
    return value
  }

  return {
    optionalString,
    string(name, otherSpelling) {
      const value = optionalString(name, otherSpelling)
      if (value === undefined) throw error(`${name} is required: a non-empty string`)
      return value
    },
    boolean(name, defaultValue) {
      const value = values[name]
      if (value === undefined) return defaultValue
      if (typeof value !== 'boolean') throw wrong(name, 'true or false', value)
      return value
    },
  }
}
