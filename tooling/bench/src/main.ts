import { writeFileSync } from 'node:fs'
import { type BenchOptions, parseBenchOptions } from './bench-options.ts'
import type { BenchmarkResult, Settings, Suite } from './harness/benchmark.ts'
import { useTemporaryFolder } from './harness/temporary-folder.ts'
import { formatRow, formatTarget, tableHead } from './report/format-result.ts'
import { createReport, stringifyReport } from './report/report.ts'
import { suites } from './suites/suites.ts'

const names = Object.keys(suites)
const usage = `pnpm bench [--only SUITE]... [--json FILE] [--smoke]

Measures our packages and others in one run, and prints the medians of ours and the ratios to them.

  --only SUITE  runs only this suite, may be repeated: ${names.join(', ')}
  --json FILE   writes all values to a file
  --smoke       runs everything once to show that it works; the numbers mean nothing
`

const options = readOptions()
if (options?.help) process.stdout.write(usage)
else if (options) await runSuites(options)

/** Returns the options of the command line, or undefined after it has printed what is wrong with them. */
function readOptions(): BenchOptions | undefined {
  try {
    return parseBenchOptions(process.argv.slice(2), names)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`)
    process.exitCode = 2
    return undefined
  }
}

async function runSuites({ only, json, smoke }: BenchOptions): Promise<void> {
  useTemporaryFolder()
  const settings: Settings = smoke
    ? { rounds: 1, minTime: 0, isSmoke: true }
    : { rounds: 15, minTime: 150, isSmoke: false }
  const results: BenchmarkResult[] = []
  process.stdout.write(`${tableHead}\n`)
  for (const name of only) {
    for (const result of await (suites[name] as Suite)(settings)) {
      results.push(result)
      process.stdout.write(`${formatRow(result)}\n`)
    }
  }
  // The numbers of a smoke run mean nothing.
  for (const result of smoke ? [] : results) {
    for (const target of result.targets) process.stdout.write(`${formatTarget(result, target)}\n`)
  }
  const { benchmarks, ...environment } = createReport(results, settings.rounds)
  process.stdout.write(`${JSON.stringify(environment, null, 2)}\n`)
  if (json !== undefined) writeFileSync(json, stringifyReport({ ...environment, benchmarks }))
}
