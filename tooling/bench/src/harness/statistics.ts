/** The middle of some numbers and its surroundings: half of them lie from `low` to `high`. */
export interface Spread {
  low: number
  median: number
  high: number
}

/** The median and the quartiles of some numbers. Throws where there is none. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  return { low: quantile(sorted, 0.25), median: quantile(sorted, 0.5), high: quantile(sorted, 0.75) }
}

/** How many times as much one took as the other, of what was measured in the same rounds. */
export function ratioOf(one: readonly number[], other: readonly number[]): Spread {
  if (one.length !== other.length) throw new Error('they were not measured in the same rounds')
  return spreadOf(one.map((value, round) => value / (other[round] as number)))
}

function quantile(sorted: readonly number[], part: number): number {
  const place = (sorted.length - 1) * part
  const below = sorted[Math.floor(place)]
  const above = sorted[Math.ceil(place)]
  if (below === undefined || above === undefined) throw new Error('there is nothing to take the median of')
  return below + (above - below) * (place - Math.floor(place))
}
