import type { PDSError } from '@pds/core'
import type { LoginRequiredCause, SessionStatus, SessionUser } from '@pds/session'

/**
 * What `usePdsSession` returns: frozen, and the same object until something changes. Times are in milliseconds since the
 * epoch.
 */
export type PdsSession =
  | {
      /**
       * - `loading`: it is not known yet whether a user is signed in.
       * - `signing_in`: the page returned from a sign-in that is not complete yet.
       */
      readonly status: 'loading' | 'signing_in'
      readonly user?: undefined
      readonly since?: undefined
      readonly expiresAt?: undefined
      readonly cause?: undefined
      readonly error?: undefined
      readonly retryAt?: undefined
      readonly retry?: undefined
    }
  | {
      /** The session has a token. It may have expired: the next request renews it. */
      readonly status: 'signed_in'
      /** The user, as the token says. */
      readonly user: SessionUser
      /** When the user signed in, by the server's clock. */
      readonly since?: number | undefined
      /** When the token expires, by the server's clock. Absent if only `initialState` is known, and lacks it. */
      readonly expiresAt?: number | undefined
      readonly cause?: undefined
      /** Why the session has no newer token. Absent after a success. */
      readonly error?: PDSError | undefined
      /** When the next renewal may be attempted. */
      readonly retryAt?: number | undefined
      readonly retry?: undefined
    }
  | {
      /** The user has to sign in. */
      readonly status: 'signed_out'
      readonly user?: undefined
      /** When the user signed out or needed a login, by the server's clock. */
      readonly since?: number | undefined
      readonly expiresAt?: undefined
      /** Why the user has to sign in. */
      readonly cause?: LoginRequiredCause | undefined
      readonly error?: undefined
      readonly retryAt?: undefined
      readonly retry?: undefined
    }
  | {
      /** The sign-in failed, or it cannot be found out whether a user is signed in. */
      readonly status: 'error'
      readonly user?: undefined
      readonly since?: undefined
      readonly expiresAt?: undefined
      readonly cause?: undefined
      /** The failure. */
      readonly error: PDSError
      /** When the next attempt may be made. Until then, `retry` fails with the same error. */
      readonly retryAt?: number | undefined
      /** Tries again. Can be called without `this`. */
      readonly retry: () => void
    }

export const loading: PdsSession = Object.freeze({ status: 'loading' })
export const signingIn: PdsSession = Object.freeze({ status: 'signing_in' })

/**
 * Returns what the status of a session says about its user. Returns undefined if the session has not found out yet
 * whether a user is signed in.
 */
export function settledResult(state: SessionStatus): PdsSession | undefined {
  const { status, user = {}, since, expiresAt, cause, error, retryAt } = state
  if (status === 'ok') return Object.freeze({ status: 'signed_in', user, since, expiresAt, error, retryAt })
  const isSignedOut = status === 'signed_out'
  if (!isSignedOut && status !== 'login_required') return undefined
  return Object.freeze({ status: 'signed_out', cause: isSignedOut ? status : cause, since })
}

/** Creates the result of a failure. */
export function failedResult(error: PDSError, retry: () => void): PdsSession {
  return Object.freeze({ status: 'error', error, retryAt: error.retryAt, retry })
}
