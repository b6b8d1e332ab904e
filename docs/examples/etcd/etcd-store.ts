import { conditionalStore, type Store } from '@pds/session'

// The keys of one page of a list.
const limit = 500

interface KeyValue {
  key: string
  value: string
  mod_revision: string
}

/**
 * Creates a store in etcd, whose keys begin with `prefix`. `endpoint` is the URL of a member, or of a proxy. A request
 * fails after `timeout` milliseconds.
 */
export function etcdStore(endpoint: string, prefix = 'pds/', timeout = 5000): Store {
  async function call(method: string, body: object) {
    const response = await fetch(`${endpoint}/v3/kv/${method}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeout),
    })
    if (!response.ok) throw new Error(`etcd responded with the status ${response.status}`)
    return response.json()
  }

  /** Runs an operation if a key still has the revision of its last change. The revision 0 means that it does not exist. */
  async function runIf(key: string, mod_revision: string, operation: object): Promise<boolean> {
    const compare = [{ key: encode(prefix + key), target: 'MOD', result: 'EQUAL', mod_revision }]
    const { succeeded = false } = await call('txn', { compare, success: [operation] })
    return succeeded
  }

  return conditionalStore<string>({
    async get(key) {
      // Reads are linearizable unless the request says `serializable`.
      const { kvs = [] } = await call('range', { key: encode(prefix + key) })
      const [found]: KeyValue[] = kvs
      return found && { value: decode(found.value), version: found.mod_revision }
    },
    put: (key, value, ifVersion = '0') =>
      runIf(key, ifVersion, { request_put: { key: encode(prefix + key), value: encode(value) } }),
    delete: (key, ifVersion) =>
      runIf(key, ifVersion, { request_delete_range: { key: encode(prefix + key) } }),
    async *list() {
      // The keys are ASCII, so each of them is less than the prefix with the last character of ASCII.
      const range_end = encode(`${prefix}\x7f`)
      let start = encode(prefix)
      for (let hasMore = true; hasMore; ) {
        const { kvs = [], more = false } = await call('range', { key: start, range_end, limit })
        const page: KeyValue[] = kvs
        for (const { key, value } of page) {
          yield { key: decode(key).slice(prefix.length), value: decode(value) }
          start = encode(`${decode(key)}\0`)
        }
        hasMore = more
      }
    },
  })
}

// The JSON of etcd has keys and values in base64.
const encode = (text: string) => Buffer.from(text).toString('base64')
const decode = (base64: string) => Buffer.from(base64, 'base64').toString()
