import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { timeProcess } from './time-process.ts'

it('gives the script its arguments and its environment, without what would make the start another one', async () => {
  const script = write(`
    const { GIVEN, NODE_COMPILE_CACHE, NODE_OPTIONS } = process.env
    const is = JSON.stringify([process.argv[2], GIVEN, NODE_COMPILE_CACHE, NODE_OPTIONS, process.execArgv])
    if (is !== '["one","two",null,null,[]]') throw new Error(is)`)
  const env = { ...process.env, GIVEN: 'two', NODE_COMPILE_CACHE: '/cache', NODE_OPTIONS: '--no-warnings' }
  expect(await timeProcess(script, ['one'], env)).toBeGreaterThan(0)
})

it('throws where the script fails, with what it says', async () => {
  await expect(timeProcess(write("throw new Error('no token')"), [], process.env)).rejects.toThrow('no token')
  // Nothing is left that could settle it: the process ends as if all were well, but for its code.
  await expect(timeProcess(write('await new Promise(() => {})'), [], process.env)).rejects.toThrow()
})

function write(text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'time-process-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'script.mjs')
  writeFileSync(file, text)
  return file
}
