import { expect, it } from 'vitest'
import { formatAmount, formatRatio } from './format-numbers.ts'

const times = (...values: number[]) => values.map((value) => formatAmount(value, 'ns'))

it('formats times and bytes with up to three digits and a suitable unit', () => {
  expect(times(0.5, 12.34, 999)).toEqual(['0.50 ns', '12.3 ns', '999 ns'])
  expect(times(1234, 56_789, 1_234_567)).toEqual(['1.23 µs', '56.8 µs', '1.23 ms'])
  expect(times(2e9, 5e12)).toEqual(['2.00 s', '5000 s'])
  const bytes = [12, 17_012, 3e6].map((value) => formatAmount(value, 'bytes'))
  expect(bytes).toEqual(['12.0 B', '17.0 kB', '3.00 MB'])
})

it('formats numbers that are rounded up without a fourth digit', () => {
  expect(times(9.996, 99.96, 999.6, 999_600)).toEqual(['10.0 ns', '100 ns', '1.00 µs', '1.00 ms'])
  expect([0.996, 9.996, 99.96].map(formatRatio)).toEqual(['1.00×', '10.0×', '100×'])
})

it('formats negative times, which can result from subtracting an overhead', () => {
  expect(times(-12.34, -3_811_097.5)).toEqual(['-12.3 ns', '-3.81 ms'])
})

it('formats shares in percent', () => {
  expect([0.1934, 0.012, 1].map((share) => formatAmount(share, 'share'))).toEqual(['19.3%', '1.20%', '100%'])
})

it('formats ratios', () => {
  expect([0.854, 1, 12.34, 250.4].map(formatRatio)).toEqual(['0.85×', '1.00×', '12.3×', '250×'])
})
