import type { BenchmarkResult, CandidateResult, Role, Target, Unit } from '../harness/benchmark.ts'
import { ratioOf, type Spread, spreadOf } from '../harness/statistics.ts'
import { formatAmount, formatRatio } from './format-numbers.ts'

/** The first two lines of the Markdown table. */
export const tableHead = '| benchmark | ours | baseline | other packages |\n|---|---|---|---|'

/**
 * Returns the table row of a benchmark: the median of our candidate, and the ratio of each other candidate to ours within
 * the rounds. Above 1, ours takes less.
 */
export function formatRow(result: BenchmarkResult): string {
  const { name, unit, candidates } = result
  const ours = ourCandidate(result)
  const ratios = (role: Role) =>
    candidates
      .filter((candidate) => candidate.role === role)
      .map((candidate) => `${candidate.name} ${formatCandidateRatio(candidate, ours)}`)
      .join(', ')
  return `| ${name} | ${ours.name} ${formatOurs(ours, unit)} | ${ratios('baseline')} | ${ratios('other') || '—'} |`
}

/** Returns the median of our candidate, and the ratio of the baseline to it. */
export function formatCell(result: BenchmarkResult): string {
  const ours = ourCandidate(result)
  const baseline = result.candidates.find(({ role }) => role === 'baseline')
  const ratio = baseline ? `, ${formatCandidateRatio(baseline, ours)}` : ''
  return `${formatOurs(ours, result.unit)}${ratio}`
}

/** Returns a line that says whether our candidate meets a target of the benchmark. */
export function formatTarget(result: BenchmarkResult, target: Target): string {
  const ours = ourCandidate(result)
  if ('maxMedian' in target) {
    const isMet = spreadOf(ours.values).median < target.maxMedian
    return `${isMet ? 'met' : 'MISSED'}: ${result.name}: below ${formatAmount(target.maxMedian, result.unit)}`
  }
  const against = result.candidates.find(({ name }) => name === target.against)
  if (!against) throw new Error(`the benchmark "${result.name}" has no candidate ${target.against}`)
  const isMet = ratioOf(against.values, ours.values).median >= target.minRatio
  return `${isMet ? 'met' : 'MISSED'}: ${result.name}: ${against.name} at least ${formatRatio(target.minRatio)}`
}

/** Returns our candidate of a benchmark. */
export function ourCandidate({ name, candidates }: BenchmarkResult): CandidateResult {
  const ours = candidates.find(({ role }) => role === 'ours')
  if (!ours) throw new Error(`the benchmark "${name}" has no candidate of ours`)
  return ours
}

function formatOurs({ values }: CandidateResult, unit: Unit): string {
  return withDeviation(spreadOf(values), (value) => formatAmount(value, unit))
}

/** Returns the ratio, in bold if another package takes less than ours. A baseline always may. */
function formatCandidateRatio({ role, values }: CandidateResult, ours: CandidateResult): string {
  const ratio = withDeviation(ratioOf(values, ours.values), formatRatio)
  return role === 'other' && Number.parseFloat(ratio) < 1 ? `**${ratio}**` : ratio
}

/** Returns the median and half the distance of the quartiles in percent of it, for example `1.50× ±3%`. */
function withDeviation({ low, median, high }: Spread, format: (value: number) => string): string {
  const percent = Math.round((50 * (high - low)) / Math.abs(median))
  return percent > 0 ? `${format(median)} ±${percent}%` : format(median)
}
