import { invalidParameter } from '../errors/invalid-parameter.ts'
import type { PDSError } from '../errors/pds-error.ts'

/**
 * Provides the credentials for the attempts of a call.
 *
 * The `totalTimeout` of the call includes the time of both functions, the `timeout` of an attempt does not. The
 * `headers` option of the call takes precedence over the headers of the credential.
 */
export interface PDSAuthorization {
  /**
   * Returns the credential headers of the next attempt, by lower-case name. `own` are the headers of the call. If it
   * rejects, the call fails with that error.
   */
  headers(own: Readonly<Record<string, string>>): Promise<Record<string, string>>
  /**
   * Returns whether there is a new credential after the service rejected one with status 401. If so, the call is
   * retried. Called at most once in a call, so that no server can cause a loop. If it rejects, the call fails with that
   * error.
   */
  renew(rejection: PDSError): Promise<boolean>
}

/**
 * Returns the `PDSAuthorization` of one call to a URL, or undefined for a URL of another origin if the call has an
 * `authorization` header. Created by `authorizeCall`.
 */
export type PDSCallAuthorization = (
  url: URL,
  origins: readonly string[],
  own: Readonly<Record<string, string>>,
) => PDSAuthorization | undefined

/**
 * Creates the `authorization` of a request: credentials for its attempts, but only at the transport's origins, and at
 * most one renewal in a call.
 *
 * This is not part of the transport, so that bundles without such requests do not contain it.
 */
export function authorizeCall(authorization: PDSAuthorization, method = 'post'): PDSCallAuthorization {
  return ({ origin }, origins, own) => {
    if (!origins.includes(origin)) {
      if ('authorization' in own) return undefined
      throw invalidParameter(
        `${method}: pathname has the origin ${origin}, which no endpoint has: pass an authorization header to send a token there`,
      )
    }
    let isRenewed = false
    return {
      async headers() {
        const credential = await authorization.headers(own)
        try {
          new Headers(credential)
        } catch {
          // fetch would report this like a failed connection.
          throw invalidParameter(
            `${method}: the token contains a character that is not allowed in an HTTP header`,
          )
        }
        return credential
      },
      async renew(rejection) {
        if (isRenewed) return false
        isRenewed = true
        return authorization.renew(rejection)
      },
    }
  }
}
