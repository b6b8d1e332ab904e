import type { MeasuredWork } from '../harness/benchmark.ts'
import { type Machine, thisMachine } from '../harness/machine.ts'
import { versionsOf } from '../harness/versions.ts'

/** All that was measured in one run. */
export interface Report {
  /** The day, such as `2026-11-25`. */
  date: string
  machine: Machine
  /** Of the npm packages that took part, and of what they were measured with. */
  versions: Readonly<Record<string, string>>
  /** How often each contender was measured. */
  rounds: number
  works: readonly MeasuredWork[]
}

export function reportOf(works: readonly MeasuredWork[], rounds: number): Report {
  const packages = works.flatMap(({ contenders }) => contenders.flatMap(({ packages }) => packages))
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: thisMachine(),
    versions: versionsOf([...packages, 'mitata']),
    rounds,
    works,
  }
}

/** Writes a report as JSON, with the values of a contender on a line, and four digits of each: more would be of no use. */
export function writeReport(report: Report): string {
  const shorten = (_name: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(4)) : value
  const text = JSON.stringify(report, shorten, 1)
  return `${text.replaceAll(/\[[\d.,\s-]+\]/g, (list) => list.replaceAll(/\s+/g, ''))}\n`
}
