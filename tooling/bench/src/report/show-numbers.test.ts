import { expect, it } from 'vitest'
import { showAmount, showRatio } from './show-numbers.ts'

it('shows times and bytes with three digits', () => {
  const shown = [0.5, 12.34, 999, 1234, 56_789, 1_234_567, 2e9, 5e12].map((value) => showAmount(value, 'ns'))
  expect(shown).toEqual(['0.50 ns', '12.3 ns', '999 ns', '1.23 µs', '56.8 µs', '1.23 ms', '2.00 s', '5000 s'])
  expect([12, 17_012, 3e6].map((value) => showAmount(value, 'bytes'))).toEqual([
    '12.0 B',
    '17.0 kB',
    '3.00 MB',
  ])
})

it('shows no fourth digit where a number is rounded up', () => {
  expect([9.996, 99.96, 999.6, 999_600].map((value) => showAmount(value, 'ns'))).toEqual([
    '10.0 ns',
    '100 ns',
    '1.00 µs',
    '1.00 ms',
  ])
  expect([0.996, 9.996, 99.96].map(showRatio)).toEqual(['1.00×', '10.0×', '100×'])
})

it('shows what is less than nothing, as the net of a short time can be', () => {
  expect([-12.34, -3_811_097.5].map((value) => showAmount(value, 'ns'))).toEqual(['-12.3 ns', '-3.81 ms'])
})

it('shows ratios', () => {
  expect([0.854, 1, 12.34, 250.4].map(showRatio)).toEqual(['0.85×', '1.00×', '12.3×', '250×'])
})
