import { describe, expect, it } from 'vitest'
import { isSame } from './is-same.ts'

describe('isSame', () => {
  it.each([
    ['', '', true],
    ['state', 'state', true],
    ['é\u0000', 'é\u0000', true],
    ['state', 'statE', false],
    ['State', 'state', false],
    ['stat', 'state', false],
    ['state', 'stat', false],
    ['', 'state', false],
    // What is beyond the end counts for nothing in the comparison: the length must.
    ['state\u0000', 'state', false],
    ['state', 'state\u0000', false],
  ])('of %j and %j is %j', (given, secret, expected) => {
    expect(isSame(given, secret)).toBe(expected)
  })
})
