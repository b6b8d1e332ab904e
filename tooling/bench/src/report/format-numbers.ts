import type { Unit } from '../harness/benchmark.ts'

const format = new Intl.NumberFormat('en', {
  useGrouping: false,
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  roundingPriority: 'lessPrecision',
})

/** Returns a time in nanoseconds, a number of bytes or a share with up to three digits and a suitable unit. */
export function formatAmount(value: number, unit: Unit): string {
  if (unit === 'share') return `${format.format(100 * value)}%`
  const units = unit === 'ns' ? ['ns', 'µs', 'ms', 's'] : ['B', 'kB', 'MB']
  // Rounded first, as 999.6 ns is 1.00 µs.
  const rounded = Math.abs(Number(value.toPrecision(3)))
  const next = units.findIndex((_, step) => rounded < 1000 ** (step + 1))
  const step = next === -1 ? units.length - 1 : next
  return `${format.format(value / 1000 ** step)} ${units[step]}`
}

/** Returns a ratio with up to three digits, for example `1.50×`. */
export function formatRatio(ratio: number): string {
  return `${format.format(ratio)}×`
}
