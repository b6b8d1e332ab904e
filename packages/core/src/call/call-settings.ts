import type { PDSAuthorization } from '../transport/authorization.ts'
import type { PDSFetch, PDSFetchInit, PDSFetchResponse } from '../transport/fetch-types.ts'
import type { PDSHooks } from '../transport/hooks.ts'
import type { ServerClock } from '../transport/server-clock.ts'
import type { CallDeadline } from './call-deadline.ts'
import type { RunLimited } from './concurrency-limiter.ts'

/** The settings of one call: its options, with the transport's as defaults. */
export interface CallSettings {
  url: URL
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>
  authorization: PDSAuthorization | undefined
  /** In milliseconds; 0 means no limit. */
  timeout: number
  /** In milliseconds; 0 means no limit. */
  totalTimeout: number
  retryCount: number
  retryUnknown: boolean
  /** In bytes. */
  maxContentLength: number
  /** The hooks of the transport, then those of the call. */
  hooks: readonly PDSHooks[]
  /** Passed to fetch unchanged. */
  init: Pick<PDSFetchInit, 'cache' | 'credentials' | 'keepalive'>
  fetch: PDSFetch
  clock: ServerClock
  /** Whether the URL is at an origin of the transport. Other servers may have another time. */
  isTrusted: boolean
  engine: Engine
}

/** A checked call that waits for a slot, like perhaps thousands of others. */
export interface PreparedCall {
  runLimited: RunLimited
  /** The origin and path of the call. */
  endpoint: string
  deadline: CallDeadline
  /** Called when the call has a slot. */
  createSettings(): CallSettings
}

/** Runs the attempts of a call: over ky in `@pds/core`, over a loop in `@pds/core/fetch`. */
export type Engine = (run: EngineRun) => Promise<PDSFetchResponse>

/** The functions that an engine calls. They decide everything; the engine repeats and waits. */
interface EngineRun {
  /** The URL of the call. */
  url: string
  /** Ends a delay. */
  deadline: CallDeadline
  /** Sends one attempt. Returns a response with a 2xx status, and rejects otherwise. */
  attempt(): Promise<PDSFetchResponse>
  /** Returns the delay before the next attempt, in milliseconds, or undefined to fail with the error. */
  nextDelay(error: unknown): Promise<number | undefined>
}
