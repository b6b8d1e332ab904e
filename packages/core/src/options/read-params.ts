import { invalidParameter, mustBe } from '../errors/invalid-parameter.ts'
import { isObject } from './options.ts'

type KeyOfUnion<T> = T extends unknown ? keyof T & string : never

/** Reads and checks the parameters of one method; see `readParams`. */
export interface ParamsReader<Name extends string> {
  /** Returns a non-empty string. The parameter may have a second spelling. */
  string(name: Name, otherSpelling?: Name): string
  /** Returns a non-empty string, or undefined if the parameter is not given. */
  optionalString(name: Name, otherSpelling?: Name): string | undefined
  /** Returns a boolean, or the default if the parameter is not given. */
  boolean<Default extends boolean | undefined>(name: Name, defaultValue: Default): boolean | Default
}

/**
 * Returns a reader for the parameters of a method.
 *
 * The reader's functions throw a `PDSError` with code `InvalidParameter` that names the method and the parameter. The
 * message contains only the type of the received value, which may be a secret.
 */
export function readParams<T extends object>(method: string, params: T): ParamsReader<KeyOfUnion<T>> {
  const invalid = (text: string) => invalidParameter(`${method}: ${text}`)
  const wrong = (name: string, wants: string, value: unknown) => mustBe(`${method}: ${name}`, wants, value)
  if (!isObject(params)) throw wrong('params', 'an object', params)
  const values = params as Record<string, unknown>

  function optionalString(name: string, otherSpelling = name): string | undefined {
    const key = values[name] === undefined ? otherSpelling : name
    const value = values[key]
    if (value === undefined) return undefined
    const other = values[otherSpelling]
    if (other !== undefined && !Object.is(other, value)) {
      throw invalid(`${name} and ${otherSpelling} have different values: pass only one of them`)
    }
    if (typeof value !== 'string' || !value) throw wrong(key, 'a non-empty string', value)
    return value
  }

  return {
    optionalString,
    string(name, otherSpelling) {
      const value = optionalString(name, otherSpelling)
      if (value === undefined) throw invalid(`${name} is required: a non-empty string`)
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
