import type { Domain } from '../domain/domain.ts'
import type { ServiceError } from '../domain/service-error.ts'
import type { RequestTrace } from '../log/request-log.ts'

/**
 * Accepts a request although it deviates from the vendor's documents, and marks it in the log: clients
 * of the service send such requests. A strict domain throws the error.
 */
export function acceptDeviation(
  domain: Domain,
  trace: RequestTrace,
  deviation: string,
  error: ServiceError,
): void {
  if (domain.isStrict) throw error
  noteDeviation(trace, deviation)
}

/** Marks a deviation from the vendor's documents in the log. */
export function noteDeviation(trace: RequestTrace, deviation: string): void {
  trace.deviations = [...(trace.deviations ?? []), deviation]
}
