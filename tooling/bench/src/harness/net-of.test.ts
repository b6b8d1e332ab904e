import { expect, it } from 'vitest'
import { netOf } from './net-of.ts'

it('takes the median of the same round away from each value', () => {
  // The second round was ten times as slow for all.
  const floors = [
    [40, 400],
    [44, 440],
    [90, 410],
  ]
  expect(netOf([60, 600], floors)).toEqual([16, 190])
  expect(() => netOf([60, 600, 61], floors)).toThrow('not measured in the same rounds')
})
