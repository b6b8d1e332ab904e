/**
 * An error of fetch, before or while the response arrived. It stays inside the package, because its cause may contain
 * secrets.
 */
export class ConnectionError extends Error {}

/**
 * Thrown by the `read` function of a request for an invalid response: one that the service does not document.
 *
 * The transport turns it into a `PDSError` with code `InvalidResponse`. The message says what is wrong and quotes
 * no part of the response.
 */
export class InvalidResponseError extends Error {
  /** `InvalidResponseError`, in every copy of this package; see `isInvalidResponseError`. */
  override readonly name = 'InvalidResponseError'
}

/** Returns whether an error is an `InvalidResponseError` of any copy of this package. */
export function isInvalidResponseError(error: unknown): error is InvalidResponseError {
  return error instanceof Error && error.name === 'InvalidResponseError'
}
