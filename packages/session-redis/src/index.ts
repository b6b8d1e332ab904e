export type { IORedisClient, NodeRedisClient, RedisClient, ScriptOptions } from './redis-client.ts'
export { type RedisStoreOptions, redisStore } from './redis-store.ts'
