/** What fetch failed with, before or while its answer came. It never leaves the package: its cause may hold secrets. */
export class ConnectionError extends Error {}
/**
 * Thrown by the `read` of a request for an answer that is not what the service documents; the transport makes a
 * `PDSError` `InvalidResponse` of it. The message says what is wrong, and quotes nothing of the answer.
 */
export class InvalidResponseError extends Error {
  /** `InvalidResponseError`, also in another copy of this package; see `isInvalidResponseError`. */
  override readonly name = 'InvalidResponseError'
}

/** Whether an error is one, also of another copy of this package. */
export function isInvalidResponseError(error: unknown): error is InvalidResponseError {
  return error instanceof Error && error.name === 'InvalidResponseError'
}
