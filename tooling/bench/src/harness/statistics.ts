/** The median of some numbers and their quartiles: half of the numbers are between `low` and `high`. */
export interface Spread {
  low: number
  median: number
  high: number
}

/** Returns the median and the quartiles of some numbers. Throws if there are no numbers. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  return { low: quantile(sorted, 0.25), median: quantile(sorted, 0.5), high: quantile(sorted, 0.75) }
}

/** Returns the spread of the ratio of `values` to `reference` within each round. */
export function ratioOf(values: readonly number[], reference: readonly number[]): Spread {
  return spreadOf(values.map((value, round) => value / valueOfRound(reference, round)))
}

/** Subtracts from each value the median of the overheads that were measured in the same round. */
export function subtractOverhead(
  values: readonly number[],
  overheads: readonly (readonly number[])[],
): number[] {
  return values.map((value, round) => {
    return value - spreadOf(overheads.map((overhead) => valueOfRound(overhead, round))).median
  })
}

function valueOfRound(values: readonly number[], round: number): number {
  const value = values[round]
  if (value === undefined) throw new Error('the values were not measured in the same rounds')
  return value
}

function quantile(sorted: readonly number[], part: number): number {
  const position = (sorted.length - 1) * part
  const below = sorted[Math.floor(position)]
  const above = sorted[Math.ceil(position)]
  if (below === undefined || above === undefined) throw new Error('no values were measured')
  return below + (above - below) * (position - Math.floor(position))
}
