import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { PDSRequestMessage } from '@pds/core'
import type { SessionMessage } from '@pds/session'
import type { Logger } from 'pino'

/** Logs the requests and renewals of this process. Returns a function that stops this. */
export function observeWithPino(logger: Logger): () => void {
  const observers = {
    'pds:request': (message: unknown) => logRequest(logger, message as PDSRequestMessage),
    'pds:session': (message: unknown) => logSession(logger, message as SessionMessage),
  }
  for (const [channel, observer] of Object.entries(observers)) subscribe(channel, observer)
  return () => {
    for (const [channel, observer] of Object.entries(observers)) unsubscribe(channel, observer)
  }
}

function logRequest(logger: Logger, call: PDSRequestMessage): void {
  const { type, method } = call
  if (type === 'start') logger.debug({ pds: call }, `${method} starts`)
  if (type === 'retry') logger.warn({ pds: call }, `${method} is retried: ${call.message}`)
  if (type === 'end') logger.info({ pds: call }, `${method} took ${call.duration} ms`)
  if (type === 'error') logger.error({ pds: call }, `${method} failed: ${call.message}`)
}

function logSession(logger: Logger, event: SessionMessage): void {
  if (event.type === 'commit_lost') logger.warn({ pds: event }, `a new token was not stored: ${event.stored}`)
  if (event.type === 'store_failure') logger.error({ pds: event }, `the store failed: ${event.message}`)
  if (event.type !== 'renewal') return
  const { outcome, reason, duration } = event
  const level = outcome === 'failed' ? 'error' : 'info'
  logger[level]({ pds: event }, `renewal (${reason}): ${outcome} after ${duration} ms`)
}
