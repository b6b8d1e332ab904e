import { DurableObject } from 'cloudflare:workers'
import { conditionalStore, type Store } from '@pds/session'

interface Entry {
  value: string
  version: string
}

/** The object that holds the record of one session. Its calls run one after another, wherever their Workers run. */
export class SessionRecord extends DurableObject {
  async read(): Promise<Entry | undefined> {
    return this.ctx.storage.get<Entry>('entry')
  }

  async write(value: string, ifVersion: string | undefined): Promise<boolean> {
    // The object starts further calls only after its storage has responded.
    const entry = await this.read()
    if (entry?.version !== ifVersion) return false
    // The caller gets the result only after the storage has the entry.
    await this.ctx.storage.put<Entry>('entry', { value, version: crypto.randomUUID() })
    return true
  }

  async remove(ifVersion: string): Promise<void> {
    const entry = await this.read()
    if (entry?.version === ifVersion) await this.ctx.storage.deleteAll()
  }
}

/** Creates a store that has a Durable Object for each session. */
export function durableObjectStore(namespace: DurableObjectNamespace<SessionRecord>): Store {
  const objectOf = (key: string) => namespace.get(namespace.idFromName(key))
  return conditionalStore<string>({
    get: (key) => objectOf(key).read(),
    put: (key, value, ifVersion) => objectOf(key).write(value, ifVersion),
    delete: (key, ifVersion) => objectOf(key).remove(ifVersion),
  })
}
