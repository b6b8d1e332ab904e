/*
 * A process that increments a counter in a record `count` times. Other processes increment the same counter.
 *
 * Arguments: `redis` or `ioredis`, the URL, the key, `count`.
 */
import { redisStore } from '@pds/session-redis'
import { Redis } from 'ioredis'
import { createClient } from 'redis'

const [library, url = '', key = '', count] = process.argv.slice(2)

async function connect() {
  if (library === 'ioredis') {
    const client = new Redis(url)
    return { client, close: () => client.disconnect() }
  }
  const client = await createClient({ url }).connect()
  return { client, close: () => client.destroy() }
}

const { client, close } = await connect()
const store = redisStore({ client })
for (let done = 0; done < Number(count); ) {
  const { rev = 0, data = '0' } = (await store.read(key)) ?? {}
  if (await store.compareAndSet(key, { epoch: 0, data: `${Number(data) + 1}` }, rev)) done++
}
close()
