import { inspect } from 'node:util'
import { sqliteStore } from '@pds/session-sqlite'

/*
 * A process with a store, for sqlite-store.processes.test.ts: says `ready`, does what it is told when it gets any message, and
 * sends back what came of it.
 */

const [job = '', path = ''] = process.argv.slice(2)
const store = sqliteStore({ path })
const owner = String(process.pid)

const jobs: Record<string, () => Promise<unknown>> = {
  /** Counts to 50, in a record that others count in too. */
  async count() {
    let written = 0
    while (written < 50) {
      const { rev = 0, data = '0' } = (await store.read('counter')) ?? {}
      if (await store.compareAndSet('counter', { epoch: 0, data: String(Number(data) + 1) }, rev)) written++
    }
    return written
  },
  async lease() {
    return (await store.lease('key', owner, 600_000)) ?? null
  },
  /** Stays with the file open. */
  async write() {
    setInterval(() => undefined, 1000)
    return store.compareAndSet('key', { epoch: 0, data: 'written' }, 0)
  },
  /** Tries to write, as a user who may not: root may do anything, and becomes another one. */
  async forbidden() {
    if (process.getuid?.() === 0) process.setuid?.(65534)
    return store.compareAndSet('secret key', { epoch: 0, data: 'secret data' }, 0).catch((error) => ({
      message: error.message,
      shown: inspect(error, { depth: 20, showHidden: true }),
    }))
  },
}

process.once('message', async () => {
  process.send?.(await jobs[job]?.())
  if (job === 'write') return
  store.close()
  process.disconnect()
})
process.send?.('ready')
