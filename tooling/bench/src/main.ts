import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { reportOf, writeReport } from './harness/report.ts'
import type { MeasuredWork, Settings } from './harness/work.ts'
import { printReportHead } from './report/print-report-head.ts'
import { printWork } from './report/print-work.ts'
import { suites } from './suites/suites.ts'

const usage = `pnpm bench [--only NAME]... [--json FILE] [--smoke]

Measures our packages beside others, in one run: what each takes, and how many times as much as ours.

  --only NAME  one suite, or several: ${Object.keys(suites).join(', ')}
  --json FILE  keeps all values in a file
  --smoke      does everything once, to show that it runs: its numbers say nothing
`

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(suites) },
    json: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const settings: Settings = options.smoke
  ? { rounds: 1, time: 0, isSmoke: true }
  : { rounds: 15, time: 150, isSmoke: false }

if (options.help) {
  process.stdout.write(usage)
} else {
  const works: MeasuredWork[] = []
  for (const name of options.only) {
    const suite = suites[name]
    if (!suite) throw new Error(`there is no suite ${name}: there are ${Object.keys(suites).join(', ')}`)
    for (const work of await suite(settings)) {
      works.push(work)
      process.stdout.write(`${printWork(work, settings)}\n\n`)
    }
  }
  const report = reportOf(works, settings.rounds)
  process.stdout.write(printReportHead(report))
  if (options.json !== undefined) writeFileSync(options.json, writeReport(report))
}
