/*
 * A process that increments a counter in a record `count` times. Other processes increment the same counter.
 *
 * Arguments: `pg` or `postgres`, the URL, the key, `count`.
 */
import { postgresStore } from '@pds/session-postgres'
import { connectClient } from './clients.test-helper.ts'

const [library, url = '', key = '', count] = process.argv.slice(2)
const { query, close } = connectClient[library === 'pg' ? 'pg' : 'postgres'](url)
const store = postgresStore({ query })
await store.migrate()
for (let done = 0; done < Number(count); ) {
  const { rev = 0, data = '0' } = (await store.read(key)) ?? {}
  if (await store.compareAndSet(key, { epoch: 0, data: `${Number(data) + 1}` }, rev)) done++
}
await close()
