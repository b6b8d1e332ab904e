import { invalidParameter } from '../errors/invalid-parameter.ts'
import type { PDSAuthorization } from './authorization.ts'

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
      async renew(refused) {
        if (isRenewed) return false
        isRenewed = true
        return authorization.renew(refused)
      },
    }
  }
}
