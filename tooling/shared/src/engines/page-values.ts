/* Values on their way between a test and a page: JSON, and the values that JSON lacks. */

const tag = '$special'

/** Returns the text of a value. An object that cannot be read, such as a window, becomes undefined. */
export function toText(value: unknown): string {
  try {
    return JSON.stringify(value, replace) ?? JSON.stringify({ [tag]: 'undefined' })
  } catch {
    return JSON.stringify({ [tag]: 'undefined' })
  }
}

/** Returns the value of a text. */
export function fromText(text: string): unknown {
  return restore(JSON.parse(text))
}

function replace(_name: string, value: unknown): unknown {
  if (value === undefined) return { [tag]: 'undefined' }
  if (typeof value === 'number' && !Number.isFinite(value)) return { [tag]: String(value) }
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  return value
}

// A reviver cannot return undefined for an item of a list.
function restore(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(restore)
  const special = (value as Record<string, unknown>)[tag]
  if (special !== undefined) return special === 'undefined' ? undefined : Number(special)
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, restore(item)]))
}
