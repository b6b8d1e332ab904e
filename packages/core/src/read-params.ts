import { describe, invalidParameter } from './invalid-parameter.ts'

type KeyOfUnion<T> = T extends unknown ? keyof T & string : never

/** Reads the checked fields of one method's parameters; see `readParams`. */
export interface ParamsReader<Name extends string> {
  /** A non-empty string, under either of two spellings. */
  string(name: Name, otherSpelling?: Name): string
  /** A non-empty string, or undefined where it is not given. */
  optionalString(name: Name, otherSpelling?: Name): string | undefined
  /** A boolean, or the default where it is not given. */
  boolean(name: Name, defaultValue: boolean): boolean
}

/**
 * Gives a reader of a method's parameters, for code that makes a token method.
 *
 * Each of its functions throws a `PDSError` `InvalidParameter` that names the method and the field, and what it
 * got only by its type: the value may be a secret.
 */
export function readParams<T extends object>(method: string, params: T): ParamsReader<KeyOfUnion<T>> {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw invalidParameter(`${method}: params must be an object, got ${describe(params)}`)
  }
  const values = params as Record<string, unknown>

  function optionalString(name: string, otherSpelling?: string): string | undefined {
    const given = [name, otherSpelling].filter((key) => key !== undefined && values[key] !== undefined)
    if (given.length === 2 && values[name] !== values[otherSpelling as string]) {
      throw invalidParameter(
        `${method}: ${name} and ${otherSpelling} have different values; give one of them`,
      )
    }
    const key = given[0]
    if (key === undefined) return undefined
    const value = values[key]
    if (typeof value !== 'string' || value === '') {
      throw invalidParameter(`${method}: ${key} must be a non-empty string, got ${describe(value)}`)
    }
    return value
  }

  return {
    optionalString,
    string(name, otherSpelling) {
      const value = optionalString(name, otherSpelling)
      if (value === undefined) throw invalidParameter(`${method}: ${name} is required: a non-empty string`)
      return value
    },
    boolean(name, defaultValue) {
      const value = values[name] === undefined ? defaultValue : values[name]
      if (typeof value !== 'boolean') {
        throw invalidParameter(`${method}: ${name} must be true or false, got ${describe(value)}`)
      }
      return value
    },
  }
}
