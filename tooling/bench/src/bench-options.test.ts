import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { parseBenchOptions } from './bench-options.ts'

const suites = ['oauth', 'memory']

it('selects all suites, or each named suite once', () => {
  expect(parseBenchOptions([], suites)).toEqual({ only: suites, json: undefined, smoke: false, help: false })
  const args = ['--only', 'memory', '--only', 'memory', '--smoke']
  expect(parseBenchOptions(args, suites)).toMatchObject({ only: ['memory'], smoke: true })
})

it('rejects unknown suites, options and arguments', () => {
  expect(() => parseBenchOptions(['--only', 'oauth', '--only', 'none'], suites)).toThrow(
    '--only: the suite must be one of oauth, memory (received none)',
  )
  expect(() => parseBenchOptions(['--round'], suites)).toThrow("Unknown option '--round'")
  expect(() => parseBenchOptions(['oauth'], suites)).toThrow("Unexpected argument 'oauth'")
})

it('rejects a file that cannot be written, and leaves other files unchanged', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-options-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  expect(() => parseBenchOptions(['--json', path.join(folder, 'none', 'report.json')], suites)).toThrow(
    'ENOENT',
  )
  const json = path.join(folder, 'report.json')
  expect(parseBenchOptions(['--json', json], suites)).toMatchObject({ json })
  expect(existsSync(json)).toBe(false)
  writeFileSync(json, 'previous')
  expect(parseBenchOptions(['--json', json], suites)).toMatchObject({ json })
  expect(readFileSync(json, 'utf8')).toBe('previous')
})
