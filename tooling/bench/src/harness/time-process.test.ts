import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { timeProcess } from './time-process.ts'

it('passes arguments and environment to the script, without a compile cache and flags', async () => {
  const script = write(`
    const { GIVEN, NODE_COMPILE_CACHE, NODE_OPTIONS } = process.env
    const actual = JSON.stringify([process.argv[2], GIVEN, NODE_COMPILE_CACHE, NODE_OPTIONS, process.execArgv])
    if (actual !== '["one","two",null,null,[]]') throw new Error(actual)`)
  const env = { ...process.env, GIVEN: 'two', NODE_COMPILE_CACHE: '/cache', NODE_OPTIONS: '--no-warnings' }
  expect(await timeProcess(script, ['one'], env)).toBeGreaterThan(0)
})

it('throws if the script fails, with its error output', async () => {
  await expect(timeProcess(write("throw new Error('no token')"), [], process.env)).rejects.toThrow('no token')
  // Node.js ends with exit code 13, as the promise never settles.
  await expect(timeProcess(write('await new Promise(() => {})'), [], process.env)).rejects.toThrow()
})

function write(text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'time-process-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'script.mjs')
  writeFileSync(file, text)
  return file
}
