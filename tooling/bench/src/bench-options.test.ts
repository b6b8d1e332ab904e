import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { benchOptions } from './bench-options.ts'

const suites = ['oauth', 'bytes']

it('measures all suites, or those that are named, each once', () => {
  expect(benchOptions([], suites)).toEqual({ only: suites, json: undefined, smoke: false, help: false })
  const args = ['--only', 'bytes', '--only', 'bytes', '--smoke']
  expect(benchOptions(args, suites)).toMatchObject({ only: ['bytes'], smoke: true })
})

it('refuses what it does not know', () => {
  expect(() => benchOptions(['--only', 'oauth', '--only', 'none'], suites)).toThrow(
    'there is no suite none: there are oauth, bytes',
  )
  expect(() => benchOptions(['--round'], suites)).toThrow("Unknown option '--round'")
  expect(() => benchOptions(['oauth'], suites)).toThrow("Unexpected argument 'oauth'")
})

it('refuses a file that cannot be written, and writes nothing yet to one that can', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-options-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  expect(() => benchOptions(['--json', path.join(folder, 'none', 'report.json')], suites)).toThrow('ENOENT')
  const json = path.join(folder, 'report.json')
  expect(benchOptions(['--json', json], suites)).toMatchObject({ json })
  expect(existsSync(json)).toBe(false)
  writeFileSync(json, 'kept')
  expect(benchOptions(['--json', json], suites)).toMatchObject({ json })
  expect(readFileSync(json, 'utf8')).toBe('kept')
})
