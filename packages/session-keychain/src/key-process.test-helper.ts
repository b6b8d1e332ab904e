import { inspect } from 'node:util'
import { keychainKey } from '@pds/session-keychain'
import { withFileLock } from './file-lock.ts'

/*
 * A process that asks for a key, for the process tests. It sends `ready`, runs its job at the first message, and sends the
 * result.
 *
 * Arguments: the job, the path of the key file, `fallback`.
 */

const [job = '', path = '', fallback = ''] = process.argv.slice(2)

/** The result of a job. */
export interface KeyResult {
  /** The key as base64. */
  key?: string
  /** The reasons for which `onFallback` was called. */
  fallbacks: string[]
  error?: { code: string; message: string; shown: string }
}

/** Opens the entry of the key. Some processes have no binary of the package. */
async function entry() {
  const { AsyncEntry } = await import('@napi-rs/keyring')
  return new AsyncEntry('pds-test', 'session-key', { linux: { store: 'secret-service' } })
}

const jobs: Record<string, () => Promise<unknown>> = {
  async key(): Promise<KeyResult> {
    const result: KeyResult = { fallbacks: [] }
    try {
      const key = await keychainKey('pds-test', {
        fallback: fallback as 'file' | 'none',
        path,
        onFallback: ({ reason }) => result.fallbacks.push(reason.message),
      })
      result.key = Buffer.from(key).toString('base64')
    } catch (error) {
      const { code, message } = error as Error & { code: string }
      result.error = { code, message, shown: inspect(error, { depth: 20, showHidden: true }) }
    }
    return result
  },
  /** Returns what the keychain has. */
  readEntry: async () => (await entry()).getPassword(),
  /** Stores a text in the place of the key. */
  storeEntry: async () => (await entry()).setPassword('a secret of another program'),
  deleteEntry: async () => (await entry()).deletePassword(),
  /** Locks the file until the process is killed. */
  async lock() {
    setInterval(() => undefined, 1000)
    return new Promise((resolve) => {
      withFileLock(`${path}.lock`, async () => {
        resolve('locked')
        await new Promise(() => undefined)
      })
    })
  },
}

process.once('message', async () => {
  process.send?.((await jobs[job]?.()) ?? null)
  if (job !== 'lock') process.disconnect()
})
process.send?.('ready')
