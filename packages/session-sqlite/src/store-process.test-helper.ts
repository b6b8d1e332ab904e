import { inspect } from 'node:util'
import { sqliteStore } from '@pds/session-sqlite'

/*
 * A process with a store, for the process tests. It sends `ready`, runs its job at the first message, and sends the result.
 * The job `serve` runs the calls that the test sends.
 *
 * Arguments: the job, the path of the file.
 */

const [job = '', path = ''] = process.argv.slice(2)
const store = sqliteStore({ path })
const owner = String(process.pid)

const jobs: Record<string, () => Promise<unknown>> = {
  /** Increments a counter 50 times. Other processes increment the same counter. */
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
  /** Writes a record and keeps the file open until the process is killed. */
  async write() {
    setInterval(() => undefined, 1000)
    return store.compareAndSet('key', { epoch: 0, data: 'written' }, 0)
  },
  /** Tries to write as a user without permission. Root has every permission, so the process switches to another user. */
  async forbidden() {
    if (process.getuid?.() === 0) process.setuid?.(65534)
    return store.compareAndSet('secret key', { epoch: 0, data: 'secret data' }, 0).catch((error) => ({
      message: error.message,
      shown: inspect(error, { depth: 20, showHidden: true }),
    }))
  },
}

const { scope, ...methods } = store
const changed: string[] = []
const served: Record<string, (...args: never[]) => unknown> = {
  ...methods,
  watch: (key: string) => void store.watch?.(key, () => changed.push(key)),
  /** Returns the keys whose watchers were called since the last call. */
  changes: () => changed.splice(0),
  /** Lets the process end, if nothing keeps it alive. */
  leave: () => void setImmediate(() => process.disconnect()),
}

async function serve([method, ...args]: [string, ...never[]]): Promise<void> {
  try {
    process.send?.({ result: await served[method]?.(...args) })
  } catch (error) {
    process.send?.({ error: (error as Error).message })
  }
}

async function runJob(): Promise<void> {
  process.send?.(await jobs[job]?.())
  if (job === 'write') return
  store.close()
  process.disconnect()
}

if (job === 'serve') process.on('message', serve)
else process.once('message', runJob)
process.send?.('ready')
