import type { SessionOptions } from '@pds/session'

/* What a process of those that share a session is told, and what it tells. */

export type StoreType = 'sqlite' | 'redis' | 'ioredis'

/** Where a process is ended or stopped: a refresh writes its intent, sends, gets a response and commits it. */
export type StopPoint = 'before the request' | 'after the response' | 'after the commit'

export interface OpenOptions {
  api_endpoint: string
  domain_id: string
  app: { client_id: string; client_secret?: string | undefined; private_key_pem?: string | undefined }
  /** `place` is a file or a URL. */
  store: { type: StoreType; place: string }
  limits?: Partial<SessionOptions>
  stopAt?: { point: StopPoint; signal: 'SIGKILL' | 'SIGSTOP' }
  /** How many writes of a token fail. */
  failingCommits?: number
}

export type Order =
  | { type: 'open'; options: OpenOptions }
  | { type: 'getToken' | 'fetch'; callers: number }
  | { type: 'close' }

export interface Report {
  results: ({ ok: string } | { code: string; cause: string })[]
  events: { type: string; by: string | undefined; cause: string | undefined }[]
}

/** The process takes orders, is about to end or stop itself, or has carried an order out. */
export type Message = { type: 'ready' } | { type: 'stopping' } | { type: 'done'; report: Report }
