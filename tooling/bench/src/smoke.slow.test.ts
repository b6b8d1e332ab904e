import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { bench } from './bench.test-helper.ts'
import { keptReport } from './report/kept-report.ts'
import type { Report } from './report/report.ts'

const folder = await mkdtemp(path.join(tmpdir(), 'pds-bench-'))
afterAll(() => rm(folder, { recursive: true }))

/** The contenders of each work, and its targets. */
const outline = ({ works }: Report) =>
  works.map(({ name, unit, contenders, targets }) => ({
    name,
    unit,
    contenders: contenders.map(({ name, role, packages }) => ({ name, role, packages })),
    targets,
  }))

it('runs, and measures what the kept report is of', async () => {
  const file = path.join(folder, 'report.json')
  const { stdout } = await bench('--smoke', '--json', file)
  const report: Report = JSON.parse(await readFile(file, 'utf8'))
  // Without redis-server, the bench omits the Redis store and says so.
  const hasRedis = report.works.some(({ name }) => name.includes('Redis'))
  const kept = outline(keptReport).filter(({ name }) => hasRedis || !name.includes('Redis'))
  expect(outline(report)).toEqual(kept)

  for (const { name, contenders } of report.works) {
    const values = contenders.flatMap(({ values }) => values)
    // The start of Node.js that is taken away may have taken longer than all of another process: it was measured once.
    const least = name.includes('net of') ? Number.NEGATIVE_INFINITY : 0
    expect(
      values.filter((value) => !(Number.isFinite(value) && value > least)),
      name,
    ).toEqual([])
  }
  // Each package that takes part is named with its version.
  const packages = report.works.flatMap(({ contenders }) => contenders.flatMap(({ packages }) => packages))
  expect(Object.keys(report.versions)).toEqual([...new Set([...packages, 'mitata'])].sort())

  for (const { name, contenders } of report.works) {
    expect(stdout).toContain(name)
    expect(contenders.map(({ role }) => role).filter((role) => role !== 'peer')).toEqual(['ours', 'limit'])
  }
  // Numbers of a run that does everything once say nothing.
  expect(stdout).not.toMatch(/\bmet\b|\bMISSED\b/)
})
