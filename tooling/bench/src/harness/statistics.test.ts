import { expect, it } from 'vitest'
import { ratioOf, spreadOf, subtractOverhead } from './statistics.ts'

it('interpolates the median and the quartiles between two values', () => {
  expect(spreadOf([9, 1, 3, 5, 7])).toEqual({ low: 3, median: 5, high: 7 })
  expect(spreadOf([4, 1, 2, 3])).toEqual({ low: 1.75, median: 2.5, high: 3.25 })
  expect(spreadOf([2])).toEqual({ low: 2, median: 2, high: 2 })
})

it('compares values of the same round, so that a slow round has no effect', () => {
  // The second round was ten times as slow for both.
  expect(ratioOf([20, 200, 30], [10, 100, 15]).median).toBe(2)
  expect(() => ratioOf([1, 2], [1])).toThrow('not measured in the same rounds')
})

it('subtracts the median overhead of the same round', () => {
  // The second round was ten times as slow for all.
  const overheads = [
    [40, 400],
    [44, 440],
    [90, 410],
  ]
  expect(subtractOverhead([60, 600], overheads)).toEqual([16, 190])
  expect(() => subtractOverhead([60, 600, 61], overheads)).toThrow('not measured in the same rounds')
})

it('throws without values', () => {
  expect(() => spreadOf([])).toThrow('no values')
})
