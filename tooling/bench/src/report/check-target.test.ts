import { expect, it } from 'vitest'
import { checkTarget } from './check-target.ts'

const contender = (name: string, role: 'ours' | 'limit', ...values: number[]) => ({
  name,
  role,
  packages: [],
  values,
})
const work = {
  name: 'a token',
  unit: 'ns',
  targets: [],
  contenders: [contender('own', 'ours', 1000, 3000, 2000), contender('bare', 'limit', 850, 2550, 1700)],
} as const

it('compares what was measured in the same rounds with what is wanted', () => {
  const of = 'own'
  const against = 'bare'
  expect(checkTarget(work, { of, against, atLeast: 0.85 })).toEqual({
    wanted: 'bare takes at least 0.85× of own',
    is: '0.85×',
    isMet: true,
  })
  expect(checkTarget(work, { of, against, atLeast: 0.86 }).isMet).toBe(false)
  expect(checkTarget(work, { of, against, atMost: 1.18 })).toMatchObject({ is: '1.18×', isMet: true })
  expect(checkTarget(work, { of, against, atMost: 1.15 }).isMet).toBe(false)
  expect(checkTarget(work, { of, below: 2001 })).toMatchObject({ is: '2.00 µs', isMet: true })
  expect(checkTarget(work, { of, below: 2000 }).isMet).toBe(false)
  expect(() => checkTarget(work, { of: 'another', below: 1 })).toThrow('another, which was not measured')
})
