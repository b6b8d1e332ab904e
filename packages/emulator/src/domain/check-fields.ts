/** Throws a `TypeError` that names the first unknown field, and the known ones. */
export function checkNames(
  what: string,
  given: object,
  known: readonly string[],
  kind: 'field' | 'option' = 'field',
): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`${what} has no ${kind} ${unknown}: it has ${known.join(', ')}`)
}

/** Returns an object with any fields. Throws a `TypeError` for any other value. */
export function checkObject(what: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new TypeError(`${what} must be an object (received ${describeValue(value)})`)
}

/** Describes a value for an error message. Strings may be secrets, so only their type is shown. */
export function describeValue(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  return Array.isArray(value) ? 'array' : typeof value
}
