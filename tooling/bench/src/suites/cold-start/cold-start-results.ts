import type { BenchmarkResult, CandidateResult, Role, Target } from '../../harness/benchmark.ts'
import { subtractOverhead } from '../../harness/statistics.ts'
import { type ColdStartRow, type ScriptName, scripts } from './scripts.ts'

/** The times of the scripts, measured in the same rounds, by their names. */
export interface ColdStarts {
  /** The times of a script without packages, which runs several times in each round. */
  empty: readonly (readonly number[])[]
  imports: Readonly<Partial<Record<ScriptName, readonly number[]>>>
  firstTokens: Readonly<Partial<Record<ScriptName, readonly number[]>>>
}

/** Returns the benchmarks of our scripts: the import without the startup of Node.js, and the whole process. */
export function coldStartBenchmarks(rows: readonly ColdStartRow[], starts: ColdStarts): BenchmarkResult[] {
  return rows.flatMap((row) => {
    const { name } = scripts[row.ours]
    const imports = resultOf(row, `Cold import of ${name}, without Node.js startup`, (script) =>
      subtractOverhead(starts.imports[script] ?? [], starts.empty),
    )
    const targets: Target[] =
      row.minRatio === undefined ? [] : [{ against: scripts[row.baseline].name, minRatio: row.minRatio }]
    const firstToken = `Cold start to the first token with ${name}, whole process`
    return [
      { ...imports, targets },
      ...(row.hasToken ? [resultOf(row, firstToken, (script) => starts.firstTokens[script] ?? [])] : []),
    ]
  })
}

function resultOf(
  { ours, others, baseline }: ColdStartRow,
  name: string,
  valuesOf: (script: ScriptName) => readonly number[],
): BenchmarkResult {
  const candidate = (script: ScriptName, role: Role): CandidateResult => {
    return { ...scripts[script], role, values: valuesOf(script) }
  }
  const candidates = [
    candidate(ours, 'ours'),
    ...others.map((other) => candidate(other, 'other')),
    candidate(baseline, 'baseline'),
  ]
  return { name, unit: 'ns', candidates, targets: [] }
}
