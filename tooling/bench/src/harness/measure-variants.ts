import type { Contender, MeasuredWork, Settings, Target, Unit } from './benchmark.ts'
import { measureInRounds } from './measure-in-rounds.ts'

/** A work of one of ours, whose others are those of the works beside it. */
export interface OwnWork {
  name: string
  ours: Contender
  targets?: readonly Target[]
}

/** Measures works that have the same others in the same rounds: these are measured once, and are in each of them. */
export async function measureEachOfOurs(
  unit: Unit,
  works: readonly OwnWork[],
  others: readonly Contender[],
  settings: Settings,
): Promise<MeasuredWork[]> {
  const contenders = [...works.map(({ ours }) => ours), ...others]
  const measured = await measureInRounds({ name: '', unit, contenders }, settings)
  const own = measured.contenders.slice(0, works.length)
  const rest = measured.contenders.slice(works.length)
  return own.map((ours, index) => {
    const { name, targets = [] } = works[index] as OwnWork
    return { name, unit, targets, contenders: [ours, ...rest] }
  })
}
