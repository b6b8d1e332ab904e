import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import type { Report } from './harness/report.ts'
import { keptReport } from './report/kept-report.ts'
import { languages } from './report/languages.ts'
import { readmeBlock, writeReadmeBlock } from './report/readme-block.ts'

const run = promisify(execFile)
const main = fileURLToPath(new URL('main.ts', import.meta.url))
const bench = (...args: string[]) => run(process.execPath, ['--expose-gc', main, ...args])

const folder = await mkdtemp(path.join(tmpdir(), 'pds-bench-'))
afterAll(() => rm(folder, { recursive: true }))

/** Who is measured at what, and what is wanted of it. */
const outline = ({ works }: Report) =>
  works.map(({ name, unit, contenders, targets }) => ({
    name,
    unit,
    contenders: contenders.map(({ name, role, packages }) => ({ name, role, packages })),
    targets,
  }))

it('runs, and measures what the kept report is of', { timeout: 120_000 }, async () => {
  const file = path.join(folder, 'report.json')
  const { stdout } = await bench('--smoke', '--json', file)
  const report: Report = JSON.parse(await readFile(file, 'utf8'))
  // The bench says that it leaves them out where there is no redis-server.
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

it('says how it is used, where it is asked for something else', async () => {
  await expect(bench('--only', 'nothing')).rejects.toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /^there is no suite nothing: there are user-token, .*\n\npnpm bench \[--only NAME\]/,
    ),
  })
})

describe.each(languages)('$file', (language) => {
  it('has the numbers of the kept report', () => {
    if (process.env.PDS_WRITE_TABLES) writeReadmeBlock(keptReport, language)
    const { is, must } = readmeBlock(keptReport, language)
    expect(is, 'PDS_WRITE_TABLES=1 pnpm unit run --project bench writes them').toBe(must)
  })
})

it('the kept report is of a whole run', () => {
  expect(keptReport.rounds).toBeGreaterThanOrEqual(15)
  for (const { name, unit, contenders } of keptReport.works) {
    const counts = contenders.map(({ values }) => values.length)
    // Bytes are nearly the same each time.
    const least = unit === 'bytes' ? 1 : keptReport.rounds
    expect(Math.min(...counts), name).toBeGreaterThanOrEqual(least)
  }
})
