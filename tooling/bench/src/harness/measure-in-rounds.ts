import { setImmediate } from 'node:timers/promises'
import type { Contender, MeasuredWork, Settings, Work } from './benchmark.ts'

/**
 * Measures who does a work beside each other, in rounds: whatever the machine does meanwhile, the values of a round can
 * be compared. Nobody is always first.
 */
export async function measureInRounds(work: Work, { rounds }: Settings): Promise<MeasuredWork> {
  const { name, unit, contenders, targets = [] } = work
  const values = new Map<Contender, number[]>()
  for (const contender of contenders) {
    values.set(contender, [])
    await contender.check?.()
  }
  for (let round = 0; round < rounds; round++) {
    for (const contender of inTurn(contenders, round)) {
      values.get(contender)?.push(await contender.measure())
      // Functions that wait for nothing leave no room for a signal, or for what has happened to a process.
      await setImmediate()
    }
  }
  return {
    name,
    unit,
    targets,
    contenders: contenders.map((contender) => {
      const { name, role, packages } = contender
      return { name, role, packages, values: values.get(contender) ?? [] }
    }),
  }
}

/** Another one begins in each round, and each second round goes backwards: who comes after whom changes, too. */
function inTurn<T>(all: readonly T[], round: number): T[] {
  const start = round % all.length
  const turned = [...all.slice(start), ...all.slice(0, start)]
  return round % 2 === 0 ? turned : turned.reverse()
}
