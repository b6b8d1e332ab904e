export type {
  HttpRedisClient,
  IORedisClient,
  NodeRedisClient,
  RedisClient,
  ScriptOptions,
} from './redis-client.ts'
export { type RedisStoreOptions, redisStore } from './redis-store.ts'
export type { IORedisSubscriber, NodeRedisSubscriber, RedisSubscriber } from './redis-subscriber.ts'
