import { randomUUID } from 'node:crypto'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { expect, onTestFinished } from 'vitest'
import { ExampleProcess, jwtAppEnvironment } from './example-process.ts'

const rounds = 3
const hours = 3_600_000

/**
 * Runs two processes with a session in the store of an example, against the emulator. Checks that they share one token,
 * and refresh it once after it has expired.
 */
export async function expectOneRefresh(name: string, environment: Record<string, string>): Promise<void> {
  const { emulator, start } = await prepare(name, environment)
  const processes = [start(), start()]
  const tokens = new Set<string>()
  for (let round = 1; round <= rounds; round++) {
    for (const each of processes) each.writeLine('20')
    const used = await Promise.all(processes.map((each) => each.waitForOutput(/20 calls with (\S+)/, round)))
    // One hash: all calls of both processes have used the same token.
    expect(new Set(used).size).toBe(1)
    expect(used[0]).toMatch(/^\w{8}$/)
    tokens.add(used[0] ?? '')
    emulator.clock.advance(3 * hours)
  }
  expect(tokens.size).toBe(rounds)
  expect(granted(emulator)).toBe(rounds)
  for (const each of processes) each.writeLine()
  for (const each of processes) expect(await each.waitForExit()).toMatchObject({ code: 0, stderr: '' })
}

/**
 * Kills a process while it waits for its token. Checks that another process takes over its lease when it has expired.
 * `heldLeases` returns how many leases the database has.
 */
export async function expectTakeover(
  name: string,
  environment: Record<string, string>,
  heldLeases: () => Promise<number>,
): Promise<void> {
  const { emulator, start } = await prepare(name, environment)
  const times = 1000
  emulator.injectFault({ type: 'delay', milliseconds: hours, path: '/v2/oauth/token', times })
  // Its lease is short, so that the other process need not wait long.
  const killed = start({ REQUEST_TIMEOUT: '1000' })
  killed.writeLine('1')
  await expect.poll(() => emulator.faults[0]?.times).toBeLessThan(times)
  killed.kill('SIGKILL')
  await killed.waitForExit()
  expect(await heldLeases()).toBe(1)
  emulator.clearFaults()
  const other = start()
  other.writeLine('20')
  expect(await other.waitForOutput(/20 calls with (\S+)/)).toMatch(/^\w{8}$/)
  expect(granted(emulator)).toBe(1)
  expect(await heldLeases()).toBe(0)
}

async function prepare(name: string, environment: Record<string, string>) {
  const emulator = await startEmulator({ domain_id: `d-${randomUUID()}`, users: [{ user_id: 'ann' }] })
  const processes: ExampleProcess[] = []
  onTestFinished(async () => {
    await Promise.all(processes.map((each) => each.stop()))
    await emulator.close()
  })
  const start = (settings: Record<string, string> = {}) => {
    const file = '../src/examples/store-process.test-helper.ts'
    const all = { ...environment, ...jwtAppEnvironment(emulator), ...settings }
    const started = new ExampleProcess(file, all, name)
    processes.push(started)
    return started
  }
  return { emulator, start }
}

/** Returns how many tokens the emulator has issued. */
function granted({ requests }: RunningEmulator): number {
  return requests.filter(({ grant, status }) => grant && status === 200).length
}
