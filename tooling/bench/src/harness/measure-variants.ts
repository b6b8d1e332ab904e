import type { BenchmarkResult, Candidate, Settings, Target, Unit } from './benchmark.ts'
import { measureInRounds } from './measure-in-rounds.ts'

/** A benchmark of one of our candidates. It shares the other candidates with further variants. */
export interface Variant {
  name: string
  ours: Candidate
  targets?: readonly Target[]
}

/** Measures variants in the same rounds, and returns a result for each. The other candidates are measured only once. */
export async function measureVariants(
  unit: Unit,
  variants: readonly Variant[],
  others: readonly Candidate[],
  settings: Settings,
): Promise<BenchmarkResult[]> {
  const candidates = [...variants.map(({ ours }) => ours), ...others]
  const measured = await measureInRounds({ name: '', unit, candidates }, settings)
  const own = measured.candidates.slice(0, variants.length)
  const shared = measured.candidates.slice(variants.length)
  return own.map((ours, index) => {
    const { name, targets = [] } = variants[index] as Variant
    return { name, unit, targets, candidates: [ours, ...shared] }
  })
}
