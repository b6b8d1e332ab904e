import { redisStore } from '@pds/session-redis'
import { endpoint } from './application.mjs'

// No more than the store is made: with a server, it is the server and its client that would be measured.
if (endpoint) redisStore({ client: { eval: async () => null, evalSha: async () => null } })
