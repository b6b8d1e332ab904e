/**
 * Returns the known name that is most similar to a wrong one, or undefined if none is similar.
 *
 * Names are similar if they differ only in case and underscores, or in few letters: one in a short name, two in a name of
 * 5 or more.
 */
export function nearestName(wrong: string, known: readonly string[]): string | undefined {
  const given = normalize(wrong)
  // No known name is longer. The time grows with the length.
  if (given.length > 40) return undefined
  let nearest: string | undefined
  let least = (given.length < 5 ? 1 : 2) + 1
  for (const name of known) {
    const difference = editDistance(given, normalize(name))
    if (difference < least) [nearest, least] = [name, difference]
  }
  return nearest
}

function normalize(name: string): string {
  return name.toLowerCase().replaceAll('_', '')
}

/** Returns how many letters must be inserted, removed or replaced (the Levenshtein distance). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (const [at, other] of [...to].entries()) {
      const replaced = (row[at] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
