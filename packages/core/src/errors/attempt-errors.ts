/** What ended an attempt without a complete response: its connection, or an option of the call. */
export type FailureSource = 'connection' | 'signal' | 'timeout' | 'totalTimeout'

/**
 * An attempt without a complete response. It stays inside the package, because its cause may contain secrets.
 *
 * As the reason of a signal, its name tells a custom fetch that the request did not fail but was aborted.
 */
export class AttemptFailure extends Error {
  override readonly name = 'AbortError'
  readonly by: FailureSource

  constructor(by: FailureSource, cause?: unknown) {
    super(`ended by ${by}`, { cause })
    this.by = by
  }
}

/**
 * Thrown by the `read` function of a request for an invalid response: one that the service does not document.
 *
 * The transport turns it into a `PDSError` with code `InvalidResponse`. The message says what is wrong and quotes
 * no part of the response.
 */
export class InvalidResponseError extends Error {
  /** `InvalidResponseError`, in every copy of this package; see `isInvalidResponseError`. */
  override readonly name = 'InvalidResponseError'
  /** Whether the response is an error of the service: by its status, or by its body although the status is 2xx. */
  readonly isRejection: boolean

  constructor(message: string, isRejection = false) {
    super(message)
    this.isRejection = isRejection
  }
}

/** Returns whether an error is an `InvalidResponseError` of any copy of this package. */
export function isInvalidResponseError(error: unknown): error is InvalidResponseError {
  try {
    return error instanceof Error && error.name === 'InvalidResponseError'
  } catch {
    // A Proxy or a getter that throws.
    return false
  }
}

/** Returns whether an error is an error of the service. */
export function isRejection(error: unknown): boolean {
  return isInvalidResponseError(error) && error.isRejection === true
}
