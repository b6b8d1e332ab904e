import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { hangTime, measureSlowness } from 'shared/time'
import { beforeAll, describe, expect, it } from 'vitest'
import { readReadme, tableRows } from '../../../../docs/src/documents/tables.ts'
import type { Cell, Report } from './run.ts'

/*
 * Tests the failure table in the README of @pds/core cell by cell: the attempts of each method, its error, and that no
 * secret leaks. Two test files share the methods, because the tests spend most of their time waiting for timeouts.
 */

const rows = tableRows(readReadme('core'), 'failure').map(
  ([failure = '', code = '', outcome = '', signed = '', spent = '']) => ({
    failure,
    code: code.replaceAll('`', ''),
    outcome: outcome.replaceAll('`', ''),
    retry: { signed, spent },
  }),
)

const signed = ['getUserJwtToken', 'getServiceJwtToken']
const retryCount = 2

/** Defines the tests for the given methods. */
export function testFaultMatrix(...methods: readonly string[]): void {
  let report: Report

  beforeAll(async () => {
    const flags = ['--unhandled-rejections=strict', '--throw-deprecation']
    if (process.features.typescript === false) flags.push('--experimental-strip-types', '--no-warnings')
    // The packed run repeats these tests over the transport without ky.
    if (process.env.PDS_TEST_ENTRY === 'fetch') {
      flags.push('--import', path.join(import.meta.dirname, 'use-fetch-entry.ts'))
    }
    const script = path.join(import.meta.dirname, 'run.ts')
    const args = [...flags, script, String(await measureSlowness()), ...methods]
    // An open handle would keep the process running until this limit kills it.
    const limits = { timeout: hangTime, maxBuffer: 2 ** 26 }
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, limits)
    expect(stderr).toBe('')
    report = JSON.parse(stdout)
  })

  describe.each(rows)('$failure', ({ failure, code, outcome, retry }) => {
    it.each(methods)('%s', (method) => {
      const cells = report.cells.filter((cell) => cell.row === failure && cell.method === method)
      expect(cells.length).toBeGreaterThan(0)
      const retries = retry[signed.includes(method) ? 'signed' : 'spent']
      expect(['retried', 'not retried']).toContain(retries)
      for (const cell of cells) {
        const recovers = cell.occurs === 'once' && retries === 'retried'
        const expected = recovers
          ? { result: 'ok', attempts: 2 }
          : {
              result: code === "the service's" ? cell.ownCode : code,
              outcome,
              attempts: retries === 'retried' ? retryCount + 1 : 1,
            }
        expect(cell, `${cell.failure}, ${cell.occurs}`).toMatchObject({ ...expected, leaks: [] })
        // A request that was not processed must not spend its code or refresh token.
        if (!recovers && outcome !== 'unknown' && !signed.includes(method)) expect(cell.isUnspent).toBe(true)
      }
    })
  })

  it('every tested failure is in the table, and the other way round', () => {
    const run = new Set(report.cells.map((cell: Cell) => cell.row))
    expect([...run].sort()).toEqual(rows.map(({ failure }) => failure).sort())
  })

  it.each(methods)('a `Date` header that is hours or years off does not affect %s', (method) => {
    const cells = report.skewed.filter((cell) => cell.method === method)
    expect(cells.map(({ results }) => results)).toEqual(Array(4).fill(['ok', 'ok']))
  })

  it('no redirect is followed', () => {
    expect(report.trapped).toBe(0)
  })
}
