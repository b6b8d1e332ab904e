export type { ListenEvents, PostgresListen } from './change-feed.ts'
export { type PostgresStore, type PostgresStoreOptions, postgresStore } from './postgres-store.ts'
export type { PostgresQuery, PostgresResult } from './query.ts'
