/* Assertions without a test runner, because the store tests run under vitest, under node:test and in a page. */

/** Throws if a condition is false. */
export function assertThat(condition: boolean, statement: string): void {
  if (!condition) throw new Error(`expected that ${statement}`)
}

/** Throws unless two values have the same JSON. The order of fields does not matter. */
export function assertEqual(actual: unknown, expected: unknown, subject: string): void {
  const [actualJson, expectedJson] = [toJson(actual), toJson(expected)]
  if (actualJson === expectedJson) return
  throw new Error(`${subject}: expected ${shorten(expectedJson)}, got ${shorten(actualJson)}`)
}

// In milliseconds: long enough for a busy machine, and shorter than the test timeout of common runners.
const maxWait = 4000
const pause = 10

/** Polls until `poll` returns a value, and returns that value. Throws after 4 seconds. */
export async function eventually<T>(statement: string, poll: () => Promise<T | undefined>): Promise<T> {
  for (let waited = 0; ; waited += pause) {
    const value = await poll()
    if (value !== undefined) return value
    assertThat(waited < maxWait, `${statement} within ${maxWait} ms`)
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

function toJson(value: unknown): string {
  const sorted = (_name: string, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part
  return JSON.stringify(value, sorted) ?? 'undefined'
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
