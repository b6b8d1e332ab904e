import type { MeasuredContender, MeasuredWork } from '../harness/benchmark.ts'
import { ratioOf, spreadOf } from '../harness/statistics.ts'
import type { Language } from './languages.ts'
import type { Report } from './report.ts'
import { showAmount, showRatio } from './show-numbers.ts'

/**
 * What a README says of a report: where it was measured, and of each work the median of ours, and how many times as
 * much the limit and the others take. Where another one is ahead, its number is set in bold.
 */
export function readmeNumbers(report: Report, language: Language): string {
  const rows = report.works.map((work) => rowOf(work, language))
  const lines = [language.heads, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  lines.splice(1, 0, `|${language.heads.map(() => '---|').join('')}`)
  return `\n${language.source(report)}\n\n${lines.join('\n')}\n`
}

function rowOf(work: MeasuredWork, { nameOf, comma }: Language): string[] {
  const { name, unit, contenders } = work
  const ours = contenders.find(({ role }) => role === 'ours')
  if (!ours) throw new Error(`${name}: there is none of ours`)
  const against = (role: 'limit' | 'peer') =>
    contenders
      .filter((contender) => contender.role === role)
      .map((contender) => `${nameOf(contender.name)} ${emphasized(contender, ours)}`)
      .join(comma)
  const amount = `${nameOf(ours.name)} ${showAmount(spreadOf(ours.values).median, unit)}`
  return [nameOf(name), amount, against('limit'), against('peer') || '—']
}

function emphasized({ role, values }: MeasuredContender, ours: MeasuredContender): string {
  const shown = showRatio(ratioOf(values, ours.values).median)
  // The limit is ahead, which is why it is one.
  const isAhead = role === 'peer' && Number.parseFloat(shown) < 1
  return isAhead ? `**${shown}**` : shown
}
