import { expect, it } from 'vitest'
import { type Report, reportOf, writeReport } from './report.ts'

const values = [123_456.789, -0.000_123_456, 5]
const contender = { name: 'ours', role: 'ours', packages: ['mitata'], values } as const
const works = [{ name: 'a token', unit: 'ns', contenders: [contender], targets: [] }] as const

it('says when, where and with what it was measured', () => {
  const report = reportOf(works, 15)
  expect(report).toMatchObject({ rounds: 15, works, versions: { mitata: expect.stringMatching(/^\d+\./) } })
  expect(report.date).toMatch(/^\d{4}-\d\d-\d\d$/)
  expect(report.machine).toMatchObject({ cores: expect.any(Number), node: process.versions.node })
})

it('is written with the values on a line, and four digits of each', () => {
  const text = writeReport(reportOf(works, 15))
  expect(text).toContain('"values": [123500,-0.0001235,5]\n')
  const read: Report = JSON.parse(text)
  expect(read.works[0]?.contenders[0]).toEqual({ ...contender, values: [123_500, -0.000_123_5, 5] })
})
