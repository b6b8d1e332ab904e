import { createSession, memoryStore } from '@pds/session'

/*
 * Opens, uses and closes many sessions in a process that must then exit. Prints the growth of the heap in bytes and the
 * remaining timers.
 */

const grant = {
  obtain: async () => ({ access_token: 'a', refresh_token: 'r', expires_in: 30 * 24 * 3600 }),
}
const { gc } = globalThis as unknown as { gc(): void }

async function useSessions(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const session = createSession({ key: `user-${index}`, grant, store: memoryStore(), keepAlive: true })
    session.subscribe('refreshed', () => undefined)
    await session.getToken()
    session.close()
  }
}

function heapUsed(): number {
  gc()
  return process.memoryUsage().heapUsed
}

// Warms up, so that compiled and cached code does not count as a leak.
await useSessions(200)
const before = heapUsed()
await useSessions(10_000)
const growth = heapUsed() - before
// An open session must not keep the process running.
await createSession({ key: 'open', grant, keepAlive: true }).getToken()
const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout')
process.stdout.write(JSON.stringify({ growth, timers }))
