import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os'
import type { BenchmarkResult } from '../harness/benchmark.ts'
import { installedVersions } from '../harness/installed-packages.ts'

/** The results of one run, and its environment. */
export interface Report {
  /** The day of the run, for example `2026-11-25`. */
  date: string
  machine: {
    processor: string
    cores: number
    /** In GiB. */
    memory: number
    system: string
    node: string
  }
  /** The versions of the measured npm packages and of mitata, by their names. */
  versions: Readonly<Record<string, string>>
  /** How often each candidate was measured. */
  rounds: number
  benchmarks: readonly BenchmarkResult[]
}

/** Returns the report of a run that ends now on this machine. */
export function createReport(benchmarks: readonly BenchmarkResult[], rounds: number): Report {
  const packages = benchmarks.flatMap(({ candidates }) => candidates.flatMap(({ packages }) => packages))
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: {
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memory: Math.round(totalmem() / 2 ** 30),
      system: `${platform()} ${arch()}`,
      node: process.versions.node,
    },
    versions: installedVersions([...packages, 'mitata']),
    rounds,
    benchmarks,
  }
}

/** Returns a report as JSON, with the values of a candidate on one line and four significant digits for each number. */
export function stringifyReport(report: Report): string {
  const shorten = (_name: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(4)) : value
  const text = JSON.stringify(report, shorten, 1)
  return `${text.replaceAll(/\[[\d.,\s-]+\]/g, (list) => list.replaceAll(/\s+/g, ''))}\n`
}

/** Reads the stored report. `pnpm bench --json tooling/bench/report.json` writes it. */
export function readStoredReport(): Report {
  return JSON.parse(readFileSync(new URL('../../report.json', import.meta.url), 'utf8'))
}
