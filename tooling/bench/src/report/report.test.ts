import { expect, it } from 'vitest'
import { createReport, type Report, readStoredReport, stringifyReport } from './report.ts'

const values = [123_456.789, -0.000_123_456, 5]
const candidate = { name: 'ours', role: 'ours', packages: ['mitata'], values } as const
const benchmarks = [{ name: 'a token', unit: 'ns', candidates: [candidate], targets: [] }] as const

it('has the date, the machine and the versions', () => {
  const report = createReport(benchmarks, 15)
  expect(report).toMatchObject({
    rounds: 15,
    benchmarks,
    versions: { mitata: expect.stringMatching(/^\d+\./) },
  })
  expect(report.date).toMatch(/^\d{4}-\d\d-\d\d$/)
  expect(report.machine).toMatchObject({ cores: expect.any(Number), node: process.versions.node })
})

it('is written with the values on one line and four significant digits', () => {
  const text = stringifyReport(createReport(benchmarks, 15))
  expect(text).toContain('"values": [123500,-0.0001235,5]\n')
  const read: Report = JSON.parse(text)
  expect(read.benchmarks[0]?.candidates[0]).toEqual({ ...candidate, values: [123_500, -0.000_123_5, 5] })
})

it('is stored from a complete run', () => {
  const { rounds, benchmarks } = readStoredReport()
  expect(rounds).toBeGreaterThanOrEqual(15)
  for (const { name, unit, store, candidates } of benchmarks) {
    const counts = candidates.map(({ values }) => values.length)
    // Bytes hardly differ between rounds, and a round of many users or callers has many values.
    const hasFewRounds = unit !== 'ns' || store !== undefined || name.includes('callers')
    expect(Math.min(...counts), name).toBeGreaterThanOrEqual(hasFewRounds ? 1 : rounds)
  }
})
