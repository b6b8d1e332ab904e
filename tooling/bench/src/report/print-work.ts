import type { MeasuredWork, Settings } from '../harness/benchmark.ts'
import { ratioOf, spreadOf } from '../harness/statistics.ts'
import { checkTarget } from './check-target.ts'
import { showAmount, showRatio } from './show-numbers.ts'

/**
 * A work as a table of text: of each contender the median of what it took, with its quartiles, and how many times as
 * much as ours that was, with the quartiles of that: above 1, ours takes less.
 */
export function printWork(work: MeasuredWork, { isSmoke }: Settings): string {
  const { name, unit, contenders, targets } = work
  const ours = contenders.find(({ role }) => role === 'ours')
  const head = [name, 'median', 'quartiles', `against ${ours?.name}`]
  const rows = contenders.map(({ name, role, values }) => {
    const { low, median, high } = spreadOf(values)
    const amounts = [showAmount(median, unit), `${showAmount(low, unit)} – ${showAmount(high, unit)}`]
    if (!ours || role === 'ours') return [name, ...amounts]
    const ratio = ratioOf(values, ours.values)
    const against = `${showRatio(ratio.median)} (${showRatio(ratio.low)} – ${showRatio(ratio.high)})`
    return [role === 'limit' ? `limit: ${name}` : name, ...amounts, against]
  })
  if (isSmoke) return columns([head, ...rows]).join('\n')
  const met = targets.map((target) => {
    const { wanted, is, isMet } = checkTarget(work, target)
    return `  ${isMet ? 'met' : 'MISSED'}: ${wanted}: ${is}`
  })
  return [...columns([head, ...rows]), ...met].join('\n')
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
