import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { type Report, readStoredReport } from './report/report.ts'
import { runBench } from './run-bench.test-helper.ts'

const folder = await mkdtemp(path.join(tmpdir(), 'pds-bench-'))
afterAll(() => rm(folder, { recursive: true }))

/** Returns the benchmarks of a report without the measured values. */
const outline = ({ benchmarks }: Report) =>
  benchmarks.map(({ name, unit, store, candidates, targets }) => ({
    name,
    unit,
    store,
    candidates: candidates.map(({ name, role, packages }) => ({ name, role, packages })),
    targets,
  }))

it('runs, and measures the benchmarks of the stored report', async () => {
  const file = path.join(folder, 'report.json')
  const { stdout } = await runBench('--smoke', '--json', file)
  const report: Report = JSON.parse(await readFile(file, 'utf8'))
  // If a server is not installed, the bench omits its store and says so.
  const isMissing = (store: string) => !report.benchmarks.some(({ name }) => name.endsWith(`${store} store`))
  const missing = ['Redis', 'PostgreSQL'].filter(isMissing)
  const stored = outline(readStoredReport()).filter(
    ({ name }) => !missing.some((store) => name.endsWith(`${store} store`)),
  )
  expect(outline(report)).toEqual(stored)

  for (const { name, candidates } of report.benchmarks) {
    const values = candidates.flatMap(({ values }) => values)
    // The subtracted start of Node.js may have taken longer than another process, as each was measured only once.
    const minimum = name.includes('without Node.js startup') ? Number.NEGATIVE_INFINITY : 0
    expect(
      values.filter((value) => !(Number.isFinite(value) && value > minimum)),
      name,
    ).toEqual([])
  }
  // Every measured package is listed with its version.
  const packages = report.benchmarks.flatMap(({ candidates }) =>
    candidates.flatMap(({ packages }) => packages),
  )
  expect(Object.keys(report.versions)).toEqual([...new Set([...packages, 'mitata'])].sort())

  for (const { name, candidates } of report.benchmarks) {
    expect(stdout).toContain(name)
    expect(candidates.map(({ role }) => role).filter((role) => role !== 'other')).toEqual([
      'ours',
      'baseline',
    ])
  }
  // The numbers of a smoke run mean nothing.
  expect(stdout).not.toMatch(/\bmet\b|\bMISSED\b/)
})
