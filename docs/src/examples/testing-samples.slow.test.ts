import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { examples } from './example-process.ts'

/* Runs the sample tests of the testing guide like a reader of the guide does. */

const run = promisify(execFile)
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
// Do not pass on the settings of the current Vitest process.
const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_)/.test(name))
const options = { cwd: `${examples}/testing`, env: { ...Object.fromEntries(inherited), NO_COLOR: '1' } }

describe.concurrent('the sample tests', () => {
  it('pass with vitest', async () => {
    const args = [vitest, 'run', 'user-names.vitest.test.ts']
    const { stdout } = await run(process.execPath, args, options)
    expect(stdout).toMatch(/Tests +5 passed/)
  })

  it('pass with the Node.js test runner', async () => {
    const args = ['--test', '--test-reporter=tap', 'user-names.node.test.ts']
    const { stdout } = await run(process.execPath, args, options)
    expect(stdout).toContain('# pass 2')
  })
})
