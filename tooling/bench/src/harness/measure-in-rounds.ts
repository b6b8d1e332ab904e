import { setImmediate } from 'node:timers/promises'
import type { Benchmark, BenchmarkResult, Candidate, Settings } from './benchmark.ts'

/**
 * Measures all candidates of a benchmark in each round. The values of a round are comparable even if the machine was
 * slower in that round. The order of the candidates changes with each round.
 */
export async function measureInRounds(benchmark: Benchmark, { rounds }: Settings): Promise<BenchmarkResult> {
  const { name, unit, candidates, targets = [] } = benchmark
  const values = new Map<Candidate, number[]>()
  for (const candidate of candidates) {
    values.set(candidate, [])
    await candidate.check?.()
  }
  for (let round = 0; round < rounds; round++) {
    for (const candidate of orderOfRound(candidates, round)) {
      values.get(candidate)?.push(await candidate.measure())
      // Functions that never wait would keep signals and process events from being handled.
      await setImmediate()
    }
  }
  return {
    name,
    unit,
    targets,
    candidates: candidates.map((candidate) => {
      const { name, role, packages } = candidate
      return { name, role, packages, values: values.get(candidate) ?? [] }
    }),
  }
}

/** Starts each round with another candidate, and reverses every second round: the predecessor of each changes, too. */
function orderOfRound<T>(all: readonly T[], round: number): T[] {
  const start = round % all.length
  const rotated = [...all.slice(start), ...all.slice(0, start)]
  return round % 2 === 0 ? rotated : rotated.reverse()
}
