import type { Unit } from '../harness/work.ts'

/** Shows a time in nanoseconds or a number of bytes with three digits and the unit that suits it. */
export function showAmount(value: number, unit: Unit): string {
  const steps = unit === 'ns' ? ['ns', 'µs', 'ms', 's'] : ['B', 'kB', 'MB']
  let step = 0
  let shown = value
  while (Math.abs(shown) >= 1000 && step < steps.length - 1) {
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
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}
