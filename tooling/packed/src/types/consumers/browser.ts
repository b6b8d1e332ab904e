/* A page as a user of the packages would write it. It is compiled, but does not run. */
import { refreshJwtToken } from '@pds/auth-jwt'
import {
  completeSignIn,
  oauthGrant,
  parseCallback,
  refreshToken,
  type SignInResult,
  signInWithPopup,
  signInWithRedirect,
} from '@pds/auth-oauth'
import { isPDSError, PDSClient, type PDSErrorCode } from '@pds/client'
import { createTransport } from '@pds/core'
import { createSession, encryptedStore, type Session } from '@pds/session'
import { storeTests } from '@pds/session/testing'
import { type WebStore, webStore, webStoreKey } from '@pds/session-web'
import type { ITokenInfo, TokenInfo } from '@pds/types'

const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com', fetch: window.fetch })
const app = { client_id: 'browser-app', redirect_uri: `${location.origin}/callback` }

/** Opens the session that all tabs share. */
export async function openSession(): Promise<Session> {
  const store: WebStore = webStore({ name: 'app' })
  const key: CryptoKey = await webStoreKey()
  const grant = oauthGrant({ transport, ...app })
  const session = createSession({ key: 'me', grant, store: encryptedStore(store, key) })
  const result: SignInResult = await completeSignIn(transport)
  const token: ITokenInfo | undefined = result.token
  if (token) await session.setToken(token)
  if (result.status === 'completed') history.replaceState(null, '', result.returnTo ?? '/')
  document
    .querySelector('#sign-in')
    ?.addEventListener('click', () =>
      signInWithRedirect(transport, { ...app, returnTo: location.pathname, appState: { tab: 2 } }),
    )
  session.subscribe('signed_out', () => location.reload())
  return session
}

/** Returns the avatar of the user, or the code of the error. */
export async function picture(session: Session, signal: AbortSignal): Promise<Blob | PDSErrorCode> {
  try {
    const client = new PDSClient({ api_endpoint: transport.api_endpoint, session })
    const { avatar } = await client.postAPI<{ avatar: string }>(
      '/user/get',
      {},
      { signal, credentials: 'omit' },
    )
    return (await session.fetch(new URL(avatar), { method: 'GET' })).blob()
  } catch (error) {
    if (isPDSError(error)) return error.code
    throw error
  }
}

/** Obtains a token in each of the other ways of a page. */
export async function tokens(spent: string): Promise<TokenInfo[]> {
  const request = { ...app, url: 'https://sign.in', state: 'state' }
  const { code } = parseCallback(new URLSearchParams(location.search), request)
  for (const { run } of storeTests(() => webStore())) await run()
  return [
    await signInWithPopup(transport, app, { timeout: 600_000 }),
    await refreshToken(transport, { ...app, refresh_token: spent }),
    await refreshJwtToken(transport, { client_id: code, refresh_token: spent }),
  ]
}
