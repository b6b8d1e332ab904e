import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs')
// The outer run must not pass its own variables to the inner runs.
const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_|PDS_)/.test(name))

/** Runs tests with the reporter. Returns the last two lines of the output and the exit code. */
function report(
  source: string,
  env: Record<string, string> = {},
  setup = '',
): Promise<{ lines: string[]; code: unknown }> {
  const folder = mkdtempSync(path.join(root, '.reported-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(
    path.join(folder, 'a.test.ts'),
    `import { afterAll, beforeAll, describe, it } from 'vitest'\n${source}`,
  )
  const reporter = path.join(import.meta.dirname, 'summary-reporter.ts')
  writeFileSync(path.join(folder, 'setup.ts'), `export function setup() { ${setup} }`)
  const config = `import { SummaryReporter } from '${reporter}'
    export default { test: { include: ['*.test.ts'], globalSetup: 'setup.ts', reporters: ['default', new SummaryReporter()] } }`
  writeFileSync(path.join(folder, 'vitest.config.ts'), config)
  const options = { cwd: folder, env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env } }
  return new Promise((resolve) => {
    execFile(process.execPath, [vitest, 'run'], options, (error, stdout) => {
      resolve({ lines: stdout.trimEnd().split('\n').slice(-2), code: error?.code ?? 0 })
    })
  })
}

const passes = "it('passes', () => {})\n"
const fails = "it('fails', () => { throw new Error('wrong') })\n"

it('counts failed tests like the runner, and errors outside of tests separately', async () => {
  const { lines, code } = await report(
    `${passes}${fails}it('leaves an error behind', () => void setTimeout(() => { throw new Error('late') }))`,
  )
  expect(lines).toEqual(['errors outside of tests: 1', '2 passed, 1 failed'])
  expect(code).toBe(1)
})

it.each([
  ['a file that cannot be read', "throw new Error('wrong')", '0 passed, 1 failed'],
  ['a hook that fails', `${passes}afterAll(() => { throw new Error('wrong') })`, '1 passed, 1 failed'],
])('counts %s as failed if no test failed', async (_what, source, last) => {
  const { lines, code } = await report(source)
  expect(lines).toEqual(['errors outside of tests: 1', last])
  expect(code).toBe(1)
})

it('counts a global setup that fails', async () => {
  const { lines, code } = await report(passes, {}, "throw new Error('wrong')")
  expect(lines).toEqual(['errors outside of tests: 1', '0 passed, 1 failed'])
  expect(code).toBe(1)
})

it('says what to install for skipped tests, and fails if no test may be skipped', async () => {
  const source = `${passes}describe.skip('tea is missing: apt-get install tea', () => { ${passes} })`
  const lines = ['skipped: tea is missing: apt-get install tea', '1 passed, 0 failed, 1 skipped']
  expect(await report(source)).toEqual({ lines, code: 0 })
  expect(await report(source, { PDS_NO_SKIPPED_TESTS: '1' })).toEqual({ lines, code: 1 })
})

it('does not count a test that an engine cannot run as skipped', async () => {
  const source = `${passes}it.skip('works (left out of webkit: it has no clock)', () => {})`
  const lines = ['left out of webkit: it has no clock', '1 passed, 0 failed, 1 left out']
  expect(await report(source, { PDS_NO_SKIPPED_TESTS: '1' })).toEqual({ lines, code: 0 })
})
