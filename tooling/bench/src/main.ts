import { writeFileSync } from 'node:fs'
import { type BenchOptions, benchOptions } from './bench-options.ts'
import type { MeasuredWork, Settings, Suite } from './harness/benchmark.ts'
import { ownTemporaryFolder } from './harness/temporary-folder.ts'
import { printReportHead } from './report/print-report-head.ts'
import { printWork } from './report/print-work.ts'
import { reportOf, writeReport } from './report/report.ts'
import { suites } from './suites/suites.ts'

const names = Object.keys(suites)
const usage = `pnpm bench [--only NAME]... [--json FILE] [--smoke]

Measures our packages beside others, in one run: what each takes, and how many times as much as ours.

  --only NAME  one suite, or several: ${names.join(', ')}
  --json FILE  keeps all values in a file
  --smoke      does everything once, to show that it runs: its numbers say nothing
`

const options = readOptions()
if (options?.help) process.stdout.write(usage)
else if (options) await measure(options)

/** Those that were given, or none where they are wrong: then it has said why. */
function readOptions(): BenchOptions | undefined {
  try {
    return benchOptions(process.argv.slice(2), names)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`)
    process.exitCode = 2
    return undefined
  }
}

async function measure({ only, json, smoke }: BenchOptions): Promise<void> {
  ownTemporaryFolder()
  const settings: Settings = smoke
    ? { rounds: 1, time: 0, isSmoke: true }
    : { rounds: 15, time: 150, isSmoke: false }
  const works: MeasuredWork[] = []
  for (const name of only) {
    for (const work of await (suites[name] as Suite)(settings)) {
      works.push(work)
      process.stdout.write(`${printWork(work, settings)}\n\n`)
    }
  }
  const report = reportOf(works, settings.rounds)
  process.stdout.write(printReportHead(report))
  if (json !== undefined) writeFileSync(json, writeReport(report))
}
