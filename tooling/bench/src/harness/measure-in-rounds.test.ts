import { expect, it } from 'vitest'
import type { Candidate } from './benchmark.ts'
import { measureInRounds } from './measure-in-rounds.ts'

const settings = { rounds: 6, minTime: 1, isSmoke: true }

it('measures every candidate in each round, and starts each round with another one', async () => {
  const calls: string[] = []
  const candidate = (name: string): Candidate => ({
    name,
    role: 'other',
    packages: [name],
    measure: async () => calls.push(name),
  })
  const candidates = ['a', 'b', 'c'].map(candidate)
  const measured = await measureInRounds({ name: 'benchmark', unit: 'ns', candidates }, settings)

  const rounds = Array.from({ length: 6 }, (_, round) => calls.slice(3 * round, 3 * round + 3))
  expect(rounds.map((round) => [...round].sort().join(''))).toEqual(Array(6).fill('abc'))
  expect(new Set(rounds.map(([first]) => first))).toEqual(new Set(['a', 'b', 'c']))
  // The predecessors change, too.
  expect(new Set(rounds.map((round) => round.indexOf('a') < round.indexOf('b'))).size).toBe(2)
  expect(measured.candidates.map(({ name, values }) => [name, values.length])).toEqual([
    ['a', 6],
    ['b', 6],
    ['c', 6],
  ])
})

it('handles pending events between two measurements', async () => {
  const calls: string[] = []
  const measure = async () => {
    setImmediate(() => calls.push('event'))
    return calls.push('measurement')
  }
  const candidates: Candidate[] = [{ name: 'a', role: 'ours', packages: [], measure }]
  await measureInRounds({ name: 'benchmark', unit: 'ns', candidates }, { ...settings, rounds: 2 })
  expect(calls).toEqual(['measurement', 'event', 'measurement', 'event'])
})

it('measures nothing if the check of a candidate fails', async () => {
  let measured = 0
  const working: Candidate = { name: 'working', role: 'ours', packages: [], measure: async () => ++measured }
  const failing: Candidate = {
    ...working,
    name: 'failing',
    check: async () => {
      throw new Error('no token')
    },
  }
  const benchmark = { name: 'benchmark', unit: 'ns', candidates: [working, failing] } as const
  await expect(measureInRounds(benchmark, settings)).rejects.toThrow('no token')
  expect(measured).toBe(0)
})
