import type { Unit } from '../harness/benchmark.ts'

/** Shows a time in nanoseconds or a number of bytes with three digits and the unit that suits it. */
export function showAmount(value: number, unit: Unit): string {
  const steps = unit === 'ns' ? ['ns', 'µs', 'ms', 's'] : ['B', 'kB', 'MB']
  let step = 0
  let shown = value
  while (Math.abs(rounded(shown)) >= 1000 && step < steps.length - 1) {
    shown /= 1000
    step++
  }
  return `${threeDigits(shown)} ${steps[step]}`
}

/** Shows how many times as much something is. */
export function showRatio(ratio: number): string {
  return `${threeDigits(ratio)}×`
}

function threeDigits(value: number): string {
  // Before it is shown, as rounding may bring one digit more.
  const size = Math.abs(rounded(value))
  if (size >= 100) return value.toFixed(0)
  return value.toFixed(size >= 10 ? 1 : 2)
}

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
