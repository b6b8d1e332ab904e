import type { PDSFetchResponse } from '../transport/fetch-types.ts'

/**
 * An error of fetch, before or while the response arrived. It stays inside the package, because its cause may contain
 * secrets.
 */
export class ConnectionError extends Error {}

/** A response whose status is not 2xx. It stays inside the package, because the response may contain secrets. */
export class ResponseError extends Error {
  readonly response: PDSFetchResponse

  constructor(response: PDSFetchResponse) {
    super()
    this.response = response
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
  /** Whether the body is an error of the service although the status is 2xx. */
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

/** Returns whether an error is an error of the service in a response with status 2xx. */
export function isRejection(error: unknown): boolean {
  return isInvalidResponseError(error) && error.isRejection === true
}
