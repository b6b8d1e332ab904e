import { redisStore } from '@pds/session-redis'
import { endpoint } from './application.mjs'

// Only creates the store. With a Redis server, the script would measure the server and its client.
if (endpoint) redisStore({ client: { isOpen: true, eval: async () => null, evalSha: async () => null } })
