import { completeSignIn, oauthGrant, refreshToken, signInWithRedirect } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { createSession, type Session } from '@pds/session'
import { webStore } from '@pds/session-web'
import type { ITokenInfo } from '@pds/types'

/* The script of a page that signs in with oidc-provider. */

/** The functions that the test calls in the page. */
export interface PageClient {
  startSignIn(params: { scope?: string; prompt?: string }): Promise<void>
  /** Completes the sign-in and passes the token to the session. */
  completeSignIn(): Promise<ITokenInfo | undefined>
  refreshToken(refresh_token: string): Promise<ITokenInfo>
  session: Session
}

/** Creates the client of the page from the metadata that the page may read. */
export async function createClient(
  metadataUrl: string,
  app: { client_id: string; redirect_uri: string },
): Promise<PageClient> {
  const metadata = await (await fetch(metadataUrl)).json()
  const transport = createTransport({ metadata })
  const grant = oauthGrant({ transport, ...app })
  const session = createSession({ key: 'me', grant, store: webStore() })
  return {
    session,
    startSignIn: (params) => signInWithRedirect(transport, { ...app, ...params }),
    async completeSignIn() {
      const { token } = await completeSignIn(transport)
      if (token) await session.setToken(token)
      return token
    },
    refreshToken: (refresh_token) => refreshToken(transport, { ...app, refresh_token }),
  }
}
