import { invalidParameter } from '../errors/invalid-parameter.ts'
import type { PDSError } from '../errors/pds-error.ts'

/**
 * Gives the attempts of a call their credentials, for code that makes a method.
 *
 * It is asked within the `totalTimeout` of the call, not within the `timeout` of an attempt. Headers of the call itself
 * go before those that it gives.
 */
export interface PDSAuthorization {
  /**
   * The headers of the next attempt, by lower-case name. `own` are those of the call itself. What it rejects with ends
   * the call.
   */
  headers(own: Readonly<Record<string, string>>): Promise<Record<string, string>>
  /**
   * Whether there is another credential in place of one that was refused with status 401. It is asked once in a call,
   * which is then sent once more: no server makes it loop. What it rejects with ends the call.
   */
  renew(rejection: PDSError): Promise<boolean>
}

/** What a call with a credential does besides sending its request; `authorizeCall` makes it. */
export type PDSCallAuthorization = (
  url: URL,
  origins: readonly string[],
  own: Readonly<Record<string, string>>,
) => PDSAuthorization | undefined

/**
 * Makes the `authorization` of a request: its attempts are given their credentials, at the origins of the transport
 * alone, and a refused one is replaced once in a call. For code that makes a method.
 *
 * Apart from the transport, so that pages whose requests have no credential are not sent this.
 */
export function authorizeCall(authorization: PDSAuthorization): PDSCallAuthorization {
  return ({ origin }, origins, own) => {
    if (!origins.includes(origin)) {
      if ('authorization' in own) return undefined
      throw invalidParameter(
        `the pathname is at ${origin}, which is none of the endpoints: give the call an authorization header for it`,
      )
    }
    let isRenewed = false
    return {
      async headers() {
        const credential = await authorization.headers(own)
        try {
          new Headers(credential)
        } catch {
          // fetch would fail over it as over a connection.
          throw invalidParameter('the token holds a character that HTTP does not allow')
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
