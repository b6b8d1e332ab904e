import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * How long a test, a hook or a process that a test starts may take, in milliseconds. Its only purpose is to end one
 * that hangs: no test measures anything with it.
 */
export const hangTime: number = 15 * 60_000

/** How long a Node.js process takes to start and end beside the busy processes of other tests, in milliseconds. */
const usualStart = 150

/**
 * Measures how many times slower the machine is now than one on which only the tests run: 1 or more.
 *
 * For bounds of tests that must read real time: multiply them by this.
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
