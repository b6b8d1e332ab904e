import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { hangTime, measureSlowness } from 'shared/time'
import { beforeAll, describe, expect, it } from 'vitest'
import { readReadme, tableRows } from '../../../../docs/src/documents/tables.ts'
import type { Cell, Report } from './run.ts'

/*
 * The table of failures in the README of @pds/core, cell by cell: what each method does, what its error says, and
 * that nothing secret gets out on the way. Two test files share the methods, because most of the time goes into waiting
 * for timeouts.
 */

const rows = tableRows(readReadme('core'), 'failure').map(
  ([failure = '', code = '', outcome = '', signed = '', spent = '']) => ({
    failure,
    code: code.replaceAll('`', ''),
    outcome: outcome.replaceAll('`', ''),
    again: { signed, spent },
  }),
)

const signed = ['getUserJwtToken', 'getServiceJwtToken']
const retryCount = 2

/** Defines the tests of some methods. */
export function testFaultMatrix(...methods: readonly string[]): void {
  let report: Report

  beforeAll(async () => {
    const flags = ['--unhandled-rejections=strict', '--throw-deprecation']
    if (process.features.typescript === false) flags.push('--experimental-strip-types', '--no-warnings')
    const script = path.join(import.meta.dirname, 'run.ts')
    const args = [...flags, script, String(await measureSlowness()), ...methods]
    // An open handle would keep the process running until this limit kills it.
    const limits = { timeout: hangTime, maxBuffer: 2 ** 26 }
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, limits)
    expect(stderr).toBe('')
    report = JSON.parse(stdout)
  })

  describe.each(rows)('$failure', ({ failure, code, outcome, again }) => {
    it.each(methods)('%s', (method) => {
      const cells = report.cells.filter((cell) => cell.row === failure && cell.method === method)
      expect(cells.length).toBeGreaterThan(0)
      const repeated = again[signed.includes(method) ? 'signed' : 'spent']
      expect(['again', 'never']).toContain(repeated)
      for (const cell of cells) {
        const isOver = cell.repeats === 'once' && repeated === 'again'
        const expected = isOver
          ? { result: 'ok', attempts: 2 }
          : {
              result: code === "the service's" ? cell.ownCode : code,
              outcome,
              attempts: repeated === 'again' ? retryCount + 1 : 1,
            }
        expect(cell, `${cell.failure}, ${cell.repeats}`).toMatchObject({ ...expected, leaks: [] })
        // What was not carried out has cost nothing.
        if (!isOver && outcome !== 'unknown' && !signed.includes(method)) expect(cell.stillGood).toBe(true)
      }
    })
  })

  it('every failure that is run is in the table', () => {
    const run = new Set(report.cells.map((cell: Cell) => cell.row))
    expect([...run].sort()).toEqual(rows.map(({ failure }) => failure).sort())
  })

  it.each(methods)(
    'a `Date` that is hours or years off harms neither that call of %s nor the next',
    (method) => {
      const cells = report.skewed.filter((cell) => cell.method === method)
      expect(cells.map(({ results }) => results)).toEqual(Array(4).fill(['ok', 'ok']))
    },
  )

  it('no redirect is followed', () => {
    expect(report.trapped).toBe(0)
  })
}
