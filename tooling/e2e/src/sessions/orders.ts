import type { SessionOptions } from '@pds/session'

/* The messages between a test and the processes that share a session. */

/** A store, and the client library of its server. */
export type StoreType = 'sqlite' | 'redis' | 'ioredis' | '@upstash/redis' | 'pg' | 'postgres'

/** Where a process is killed or stopped: a refresh writes its intent, sends the request and commits the response. */
export type StopPoint = 'before the request' | 'after the response' | 'after the commit'

/** The options of a session in a process. */
export interface OpenOptions {
  api_endpoint: string
  domain_id: string
  app: { client_id: string; client_secret?: string | undefined; private_key_pem?: string | undefined }
  /**
   * `place` is the file or the URL of the store; for `@upstash/redis`, the token is the URL's user. With `subscriber`, a store
   * on a server watches its records.
   */
  store: { type: StoreType; place: string; subscriber?: boolean }
  limits?: Partial<SessionOptions>
  /** With a pool, the process has the sessions of `users` users, `max` of them open. */
  pool?: { users: number; max: number; concurrency?: number }
  stopAt?: { point: StopPoint; signal: 'SIGKILL' | 'SIGSTOP' }
  /** The number of token writes that fail. */
  failingCommits?: number
}

/** A message to a process. */
export type Order =
  | { type: 'open'; options: OpenOptions }
  /** `callers` is the number of callers of each session. */
  | { type: 'getToken' | 'fetch'; callers: number }
  // The process behaves as if it had been idle for `time` milliseconds.
  | { type: 'idle'; time: number }
  | { type: 'close' }

/** The results of the calls of an order, and the events since the last report. */
export interface Report {
  results: ({ ok: string } | { code: string; cause: string })[]
  events: { type: string; by: string | undefined; cause: string | undefined }[]
}

/** A message of a process: it accepts orders, is about to kill or stop itself, or has completed an order. */
export type Message = { type: 'ready' } | { type: 'stopping' } | { type: 'done'; report: Report }
