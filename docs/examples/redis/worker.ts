// #region settings
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { fromEnv, jwtGrant } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { createSessions, encryptedStore } from '@pds/session'
import { redisStore } from '@pds/session-redis'
import { createClient } from 'redis'

const env = fromEnv() // PDS_DOMAIN_ID, PDS_CLIENT_ID, PDS_PRIVATE_KEY
// PDS_SESSION_KEY is 32 random bytes, the same in each process. Create it with `openssl rand -base64 32`.
const { REDIS_URL = 'redis://127.0.0.1:6379', PDS_SESSION_KEY } = process.env
if (!PDS_SESSION_KEY) throw new Error('set PDS_SESSION_KEY to 32 random bytes in base64')
// #endregion settings

// #region store
const redis = createClient({
  url: REDIS_URL,
  // Calls must fail soon if Redis is unreachable. The session then uses its cached token.
  disableOfflineQueue: true,
  pingInterval: 1000,
  socket: { socketTimeout: 5000, reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 2000) },
})
redis.on('error', (error: Error) => console.error(error.message))
await redis.connect()

const key = new Uint8Array(Buffer.from(PDS_SESSION_KEY, 'base64'))
const store = encryptedStore(redisStore({ client: redis }), key)
// #endregion store

// #region session
const transport = createTransport(env.transport)
const users = createSessions({ grant: (user_id) => jwtGrant({ transport, ...env.app, user_id }), store })
// #endregion session

// #region jobs
// Each input line is a job: the ID of the user for whom the worker calls the service.
for await (const user_id of createInterface({ input: process.stdin })) {
  const session = users.get(user_id)
  const response = await session.fetch(`${transport.api_endpoint}/v2/user/get`, { method: 'POST' })
  const { user_name } = await response.json()
  const token = await session.getAccessToken()
  const fingerprint = createHash('sha256').update(token).digest('hex').slice(0, 8)
  console.log(`${user_name} ${response.status} token ${fingerprint}`)
}

await users.close()
await redis.close()
// #endregion jobs
