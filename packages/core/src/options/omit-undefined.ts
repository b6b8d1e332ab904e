/** An object without its fields that are undefined. */
export type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> }

/** The fields of an object that are not undefined. */
export function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>
}
