import type { PDSError } from '../errors/pds-error.ts'

/** An attempt that is about to be sent. */
export interface PDSRequestEvent {
  /** `POST`: every call is one. */
  method: 'POST'
  /** The address without query and fragment. */
  url: string
  /** The number of the attempt: 1 for the first one. */
  attempt: number
  /** The headers by lower-case name, with every secret masked. */
  headers: Record<string, string>
  /** What the body holds, with every secret masked. */
  params: Record<string, unknown>
}

/** An answer that has come. It tells nothing of the body. */
export interface PDSResponseEvent {
  /** `POST`: every call is one. */
  method: 'POST'
  /** The address without query and fragment. */
  url: string
  /** The number of the attempt: 1 for the first one. */
  attempt: number
  /** The HTTP status. */
  status: number
  /** The headers by lower-case name, with every secret masked. */
  headers: Record<string, string>
  /** The time from the sending to the end of the body, in milliseconds. */
  duration: number
}

/** An attempt that failed and is followed by another one. */
export interface PDSRetryEvent {
  /** The number of the attempt that failed: 1 for the first one. */
  attempt: number
  /** What it failed with. */
  error: PDSError
  /** The pause before the next one, in milliseconds. */
  delay: number
}

/** A call that failed for good. */
export interface PDSErrorEvent {
  /** What its caller gets. */
  error: PDSError
}

/**
 * Functions that watch a call, for logs and measurements: they see no secret.
 *
 * They are called one after the other and not waited for. What they give back or throw is ignored: no logger can lose a
 * token.
 */
export interface PDSHooks {
  /** Called before each attempt. */
  beforeRequest?: ((event: PDSRequestEvent) => void) | undefined
  /** Called after each answer, whatever its status. */
  afterResponse?: ((event: PDSResponseEvent) => void) | undefined
  /** Called after an attempt that failed, before the pause that another one follows. */
  beforeRetry?: ((event: PDSRetryEvent) => void) | undefined
  /** Called once for a call that failed for good, before its caller gets the error. */
  beforeError?: ((event: PDSErrorEvent) => void) | undefined
}

type Events = {
  [Name in keyof PDSHooks]-?: Parameters<NonNullable<PDSHooks[Name]>>[0]
}

/** Calls one of the hooks of each set, one after the other. The event is made only where somebody wants it. */
export function callHooks<Name extends keyof PDSHooks>(
  sets: readonly PDSHooks[],
  name: Name,
  makeEvent: () => Events[Name],
): void {
  let event: Events[Name] | undefined
  for (const hooks of sets) {
    const hook = hooks[name] as ((event: Events[Name]) => unknown) | undefined
    if (!hook) continue
    event ??= makeEvent()
    const known = event
    // In a promise, which takes what it throws, and what it rejects with if it is asynchronous.
    new Promise((resolve) => resolve(hook.call(hooks, known))).catch(() => undefined)
  }
}
