import type { Report } from './report.ts'

/** Where and with what a report was measured, as text. */
export function printReportHead({ date, machine, versions, rounds }: Report): string {
  const { processor, cores, memory, system, node } = machine
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `${date}, ${rounds} rounds, Node.js ${node}, ${system}, ${cores} cores of ${processor}, ${memory} GiB`,
    packages.join(', '),
    '',
  ].join('\n')
}
