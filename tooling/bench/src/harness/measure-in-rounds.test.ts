import { expect, it } from 'vitest'
import type { Contender } from './benchmark.ts'
import { measureInRounds } from './measure-in-rounds.ts'

const settings = { rounds: 6, time: 1, isSmoke: true }

it('measures all in each round, and lets each of them be the first one', async () => {
  const calls: string[] = []
  const contender = (name: string): Contender => ({
    name,
    role: 'peer',
    packages: [name],
    measure: async () => calls.push(name),
  })
  const contenders = ['a', 'b', 'c'].map(contender)
  const measured = await measureInRounds({ name: 'work', unit: 'ns', contenders }, settings)

  const rounds = Array.from({ length: 6 }, (_, round) => calls.slice(3 * round, 3 * round + 3))
  expect(rounds.map((round) => [...round].sort().join(''))).toEqual(Array(6).fill('abc'))
  expect(new Set(rounds.map(([first]) => first))).toEqual(new Set(['a', 'b', 'c']))
  // Who comes before whom is not the same in all of them.
  expect(new Set(rounds.map((round) => round.indexOf('a') < round.indexOf('b'))).size).toBe(2)
  expect(measured.contenders.map(({ name, values }) => [name, values.length])).toEqual([
    ['a', 6],
    ['b', 6],
    ['c', 6],
  ])
})

it('lets happen what has to happen between two measurements', async () => {
  const calls: string[] = []
  const measure = async () => {
    setImmediate(() => calls.push('happened'))
    return calls.push('measured')
  }
  const contenders: Contender[] = [{ name: 'a', role: 'ours', packages: [], measure }]
  await measureInRounds({ name: 'work', unit: 'ns', contenders }, { ...settings, rounds: 2 })
  expect(calls).toEqual(['measured', 'happened', 'measured', 'happened'])
})

it('measures nobody where one does not do the work', async () => {
  let measured = 0
  const works: Contender = { name: 'works', role: 'ours', packages: [], measure: async () => ++measured }
  const fails: Contender = {
    ...works,
    name: 'fails',
    check: async () => {
      throw new Error('no token')
    },
  }
  const work = { name: 'work', unit: 'ns', contenders: [works, fails] } as const
  await expect(measureInRounds(work, settings)).rejects.toThrow('no token')
  expect(measured).toBe(0)
})
