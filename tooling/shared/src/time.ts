import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * The time limit of a test, of a hook and of a process that a test starts, in milliseconds. It only ends tests that
 * hang: no test measures anything with it.
 */
export const hangTime: number = 15 * 60_000

/** How long a Node.js process takes to start and end beside the busy processes of other tests, in milliseconds. */
const usualStart = 150

/**
 * Returns how many times slower this machine is now than a machine that runs only the tests: 1 or more.
 *
 * Tests that must read real time multiply their bounds by this factor.
 */
export async function measureSlowness(): Promise<number> {
  const starts: number[] = []
  // The longest of three: a single start can be lucky.
  for (let count = 0; count < 3; count++) {
    const startedAt = performance.now()
    await once(spawn(process.execPath, ['--eval', ''], { stdio: 'ignore' }), 'exit')
    starts.push(performance.now() - startedAt)
  }
  return Math.max(1, ...starts.map((time) => time / usualStart))
}
