import type { MeasuredWork, Target } from '../harness/benchmark.ts'
import { ratioOf, spreadOf } from '../harness/statistics.ts'
import { showAmount, showRatio } from './show-numbers.ts'

/** A target in words, what was measured of it, and whether that is enough. */
export interface CheckedTarget {
  wanted: string
  is: string
  isMet: boolean
}

export function checkTarget({ contenders, unit }: MeasuredWork, target: Target): CheckedTarget {
  const valuesOf = (name: string) => {
    const found = contenders.find((contender) => contender.name === name)
    if (!found) throw new Error(`a target is about ${name}, which was not measured`)
    return found.values
  }
  const own = valuesOf(target.of)
  if ('below' in target) {
    const { median } = spreadOf(own)
    const wanted = `${target.of} below ${showAmount(target.below, unit)}`
    return { wanted, is: showAmount(median, unit), isMet: median < target.below }
  }
  const other = valuesOf(target.against)
  if ('atLeast' in target) {
    const { median } = ratioOf(other, own)
    const wanted = `${target.against} takes at least ${showRatio(target.atLeast)} of ${target.of}`
    return { wanted, is: showRatio(median), isMet: median >= target.atLeast }
  }
  const { median } = ratioOf(own, other)
  const wanted = `${target.of} takes at most ${showRatio(target.atMost)} of ${target.against}`
  return { wanted, is: showRatio(median), isMet: median <= target.atMost }
}
