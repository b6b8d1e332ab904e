import { expect, it } from 'vitest'
import { ratioOf, spreadOf } from './statistics.ts'

it('finds the median and the quartiles, between two values where none stands there', () => {
  expect(spreadOf([9, 1, 3, 5, 7])).toEqual({ low: 3, median: 5, high: 7 })
  expect(spreadOf([4, 1, 2, 3])).toEqual({ low: 1.75, median: 2.5, high: 3.25 })
  expect(spreadOf([2])).toEqual({ low: 2, median: 2, high: 2 })
})

it('divides what was measured in the same round, whatever the rounds were like', () => {
  // The second round was ten times as slow for both.
  expect(ratioOf([20, 200, 30], [10, 100, 15]).median).toBe(2)
  expect(() => ratioOf([1, 2], [1])).toThrow('not measured in the same rounds')
})

it('makes no number of nothing', () => {
  expect(() => spreadOf([])).toThrow('nothing')
})
