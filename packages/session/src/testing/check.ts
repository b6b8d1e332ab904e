/*
 * Assertions that need no runner: the tests of the contract run under vitest, node:test and in a page.
 */

/** Throws where a statement does not hold. */
export function holds(condition: boolean, statement: string): void {
  if (!condition) throw new Error(`expected that ${statement}`)
}

/** Throws where two values are not the same JSON, with their fields in any order. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [show(actual), show(expected)]
  if (got !== wanted) throw new Error(`${what}: expected ${shorten(wanted)}, got ${shorten(got)}`)
}

// In milliseconds: for a machine that is busy, and no longer than runners wait for a test.
const maxWait = 4000
const pause = 10

/** Asks until there is an answer, and gives that. Throws where there is none for too long. */
export async function eventually<T>(statement: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (let waited = 0; ; waited += pause) {
    const response = await ask()
    if (response !== undefined) return response
    holds(waited < maxWait, `${statement} within ${maxWait} ms`)
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

function show(value: unknown): string {
  const sorted = (_name: string, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part
  return JSON.stringify(value, sorted) ?? 'undefined'
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
