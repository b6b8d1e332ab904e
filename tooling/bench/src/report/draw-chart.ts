import { type ScaleLogarithmic, scaleLog } from 'd3-scale'
import type { BenchmarkResult, CandidateResult } from '../harness/benchmark.ts'
import { ratioOf, type Spread, spreadOf } from '../harness/statistics.ts'
import { formatAmount, formatRatio } from './format-numbers.ts'
import { ourCandidate } from './format-result.ts'

// Narrow, so that a phone shows the text in a size that can be read.
const width = 480
const margin = 14
const plot = { left: 212, right: 412 }
const [titleHeight, nameHeight, nameLineHeight, laneHeight] = [58, 14, 16, 20]

const style = `
  :root { --back: #fff; --line: #dfe4ec; --text: #141a24; --soft: #546074; --accent: #2456c8; }
  @media (prefers-color-scheme: dark) {
    :root { --back: #161a21; --line: #2a313c; --text: #e9edf3; --soft: #a3afc0; --accent: #8fb2ff; }
  }
  text { font: 11.5px system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; fill: var(--text); }
  .back { fill: var(--back); stroke: var(--line); }
  .title { font-size: 15px; font-weight: 650; }
  .name { font-weight: 650; stroke: var(--back); stroke-width: 4px; paint-order: stroke; }
  .soft { fill: var(--soft); }
  .end { text-anchor: end; }
  .middle { text-anchor: middle; }
  .grid { stroke: var(--line); }
  .one { stroke: var(--accent); stroke-dasharray: 3 3; }
  .spread { stroke-width: 2.5; stroke-linecap: round; }
  .ours { stroke: var(--accent); fill: var(--accent); }
  .baseline { stroke: var(--soft); fill: var(--back); }
  .other { stroke: var(--text); fill: var(--text); }
  circle { stroke-width: 1.5; }
`

/**
 * Returns a chart of benchmarks as SVG: for each candidate a point for the median of its ratio to ours, and a line between
 * the quartiles, on a logarithmic axis. The colours follow the colour scheme of the page.
 *
 * @param localize - returns a phrase of the chart in the language of the page
 */
export function drawChart(
  title: string,
  benchmarks: readonly BenchmarkResult[],
  localize: (text: string) => string,
): string {
  const groups = benchmarks.map((benchmark) => ({ name: benchmark.name, lanes: lanesOf(benchmark) }))
  const x = scaleOf(groups.flatMap(({ lanes }) => lanes.map(({ ratio }) => ratio)))
  let y = titleHeight
  const lines: string[] = []
  for (const { name, lanes } of groups) {
    y += nameHeight
    for (const line of wrap(localize(name))) {
      lines.push(text(line, margin, y, 'name'))
      y += nameLineHeight
    }
    y -= nameLineHeight / 2
    for (const each of lanes) {
      lines.push(drawLane(each, y + laneHeight / 2, x, localize))
      y += laneHeight
    }
    y += 5
  }
  const height = y + 34
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title>${escapeText(localize(title))}</title>
<style>${style}</style>
<rect class="back" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10"/>
${text(localize(title), margin, 27, 'title')}
${drawLegend(localize)}
${drawAxis(x, y)}
${lines.join('\n')}
</svg>
`
}

/** Explains the points. */
function drawLegend(localize: (text: string) => string): string {
  let x = margin + 4
  const roles = [
    ['ours', 'ours = 1'],
    ['baseline', 'baseline'],
    ['other', 'other packages'],
  ] as const
  return roles
    .map(([role, phrase]) => {
      const label = localize(phrase)
      const drawn = `<circle class="${role}" cx="${x}" cy="45" r="4"/>${text(label, x + 9, 49, 'soft')}`
      x += 30 + textWidth(label)
      return drawn
    })
    .join('')
}

/** A line of the chart: a candidate with its ratio to ours. */
interface Lane {
  label: string
  role: CandidateResult['role']
  ratio: Spread
  value: string
}

/** Returns the lanes of a benchmark: ours with its median first, then the others by their ratio. */
function lanesOf(benchmark: BenchmarkResult): Lane[] {
  const ours = ourCandidate(benchmark)
  const { low, median, high } = spreadOf(ours.values)
  const lanes = benchmark.candidates
    .filter((candidate) => candidate !== ours)
    .map(({ name, role, values }): Lane => {
      const ratio = ratioOf(values, ours.values)
      return { label: name, role, ratio, value: formatRatio(ratio.median) }
    })
  lanes.sort((one, other) => one.ratio.median - other.ratio.median)
  const ratio = { low: low / median, median: 1, high: high / median }
  return [{ label: ours.name, role: 'ours', ratio, value: formatAmount(median, benchmark.unit) }, ...lanes]
}

function scaleOf(ratios: readonly Spread[]): ScaleLogarithmic<number, number> {
  // A difference of two measured times can be negative, which a logarithmic axis cannot show.
  const positive = ratios.flatMap(({ low, median, high }) => [low, median, high]).filter((ratio) => ratio > 0)
  const domain = [Math.max(0.01, Math.min(0.5, ...positive)), Math.max(2, ...positive)]
  return scaleLog(domain, [plot.left, plot.right]).clamp(true)
}

function drawAxis(x: ScaleLogarithmic<number, number>, bottom: number): string {
  const ticks = x.ticks().filter((ratio) => /^[125](e|$)/.test(ratio.toExponential()))
  // A wide axis has room only for the powers of ten.
  const shown = ticks.length > 6 ? ticks.filter((ratio) => ratio.toExponential().startsWith('1e')) : ticks
  return shown
    .map((ratio) => {
      const line = `<path class="${ratio === 1 ? 'one' : 'grid'}" d="M${round(x(ratio))} ${titleHeight}V${bottom + 4}"/>`
      return `${line}${text(`${ratio}×`, round(x(ratio)), bottom + 20, 'soft middle')}`
    })
    .join('\n')
}

function drawLane(
  { label, role, ratio, value }: Lane,
  y: number,
  x: ScaleLogarithmic<number, number>,
  localize: (text: string) => string,
): string {
  const shown = localize(label)
  // The name of the benchmark says what ours is.
  const isTooLong = role === 'ours' && textWidth(shown) > 200
  const [low, median, high] = [ratio.low, ratio.median, ratio.high].map((each) => round(x(each)))
  return [
    text(isTooLong ? localize('ours') : shown, margin, y + 4, role === 'ours' ? '' : 'soft'),
    `<path class="spread ${role}" d="M${low} ${y}H${high}"/>`,
    `<circle class="${role}" cx="${median}" cy="${y}" r="4"/>`,
    text(value, width - margin, y + 4, 'end'),
  ].join('')
}

/** Splits a name that is too long for a line after a comma. */
function wrap(name: string): string[] {
  if (textWidth(name) <= width - 2 * margin) return [name]
  const parts = name.split(/(?<=, |，)/)
  const end = parts.findLastIndex(
    (_part, index) => textWidth(parts.slice(0, index).join('')) <= width - 2 * margin,
  )
  return [parts.slice(0, end).join('').trimEnd(), parts.slice(end).join('')]
}

/** Returns about the width of a text. */
function textWidth(content: string): number {
  return [...content].reduce((sum, character) => sum + (/[\u2e80-\uffef]/.test(character) ? 12 : 6.9), 0)
}

function text(content: string, x: number, y: number, style: string): string {
  return `<text${style && ` class="${style}"`} x="${x}" y="${y}">${escapeText(content)}</text>`
}

const escapeText = (content: string) => content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const round = (value: number) => Math.round(value * 10) / 10
