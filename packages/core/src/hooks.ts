import type { PDSError } from './pds-error.ts'

/** An attempt that is about to be sent. */
export interface PDSRequestEvent {
  method: 'POST'
  /** The address without query and fragment. */
  url: string
  /** 1 for the first attempt. */
  attempt: number
  /** By lower-case name, with every secret masked. */
  headers: Record<string, string>
  /** What the body holds, with every secret masked. */
  params: Record<string, unknown>
}

/** An answer that has come. It tells nothing of the body. */
export interface PDSResponseEvent {
  method: 'POST'
  url: string
  attempt: number
  status: number
  /** By lower-case name, with every secret masked. */
  headers: Record<string, string>
  /** From the sending to the end of the body, in milliseconds. */
  duration: number
}

/** An attempt that failed and is followed by another one. */
export interface PDSRetryEvent {
  /** The attempt that failed. */
  attempt: number
  error: PDSError
  /** The pause before the next one, in milliseconds. */
  delay: number
}

/** A call that failed for good. */
export interface PDSErrorEvent {
  error: PDSError
}

/**
 * Functions that watch a call, for logs and measurements: they see no secret.
 *
 * They are called one after the other and not waited for. What they give back or throw is ignored: no logger can lose a
 * token.
 */
export interface PDSHooks {
  beforeRequest?: ((event: PDSRequestEvent) => void) | undefined
  afterResponse?: ((event: PDSResponseEvent) => void) | undefined
  beforeRetry?: ((event: PDSRetryEvent) => void) | undefined
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
  const interested = sets.filter((hooks) => hooks[name] !== undefined)
  if (interested.length === 0) return
  const event = makeEvent()
  for (const hooks of interested) {
    try {
      const result: unknown = (hooks[name] as ((event: Events[Name]) => unknown) | undefined)?.(event)
      // A promise of any kind, whose rejection is ignored too.
      Promise.resolve(result).catch(() => undefined)
    } catch {
      // See PDSHooks.
    }
  }
}
