import type { OpenOptions } from '../sessions/orders.ts'

/* The messages between a storm and its processes. */

/** Starts the callers of a process. */
export interface StormOptions {
  session: OpenOptions
  /** The number of callers. */
  callers: number
  /** The lifetime of a token, in seconds. */
  lifetime: number
}

/** A message to a process: it starts its callers, or ends them. */
export type StormOrder = { type: 'start'; options: StormOptions } | { type: 'end' }

/**
 * A message of a process: its callers have started, a call failed, the session emitted an event, an error or an event
 * contains a secret, or all callers have ended.
 */
export type StormMessage =
  | { type: 'started' }
  | { type: 'failed'; error: string }
  | { type: 'event'; name: string }
  | { type: 'leaked' }
  | { type: 'done'; calls: number }
