import './polyfills.ts' // Before the other imports.
import { createAuthorizationUrl, getTokenByCode, oauthGrant, parseCallback } from '@pds/auth-oauth'
import { createTransport } from '@pds/core/fetch'
import { createSession } from '@pds/session'
import * as SecureStore from 'expo-secure-store'
import { openAuthSessionAsync } from 'expo-web-browser'
import { secureStore } from './secure-store.ts'

// They are part of the program, and no secrets. The scheme of the redirect URI belongs to this application only.
const api_endpoint = process.env.EXPO_PUBLIC_PDS_API_ENDPOINT ?? 'https://bj1.api.aliyunpds.com'
const app = { client_id: 'native-app', redirect_uri: 'com.example.app:/callback' }

const transport = createTransport({ api_endpoint })
const store = secureStore(SecureStore, {
  // Also readable for work in the background, and in no backup: another device would spend the same refresh token.
  keychainAccessible: SecureStore.AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY,
})
const session = createSession({ key: 'me', grant: oauthGrant({ transport, ...app }), store })

/** Signs the user in with the browser of the system. Returns false if the user closed it. */
export async function signIn(): Promise<boolean> {
  const request = await createAuthorizationUrl(transport, app)
  const result = await openAuthSessionAsync(request.url, app.redirect_uri)
  if (result.type !== 'success') return false
  const token = await getTokenByCode(transport, parseCallback(result.url, request))
  await session.setToken(token)
  return true
}

export async function loadUserName(): Promise<string> {
  const response = await session.fetch(`${api_endpoint}/v2/user/get`, { method: 'POST' })
  if (!response.ok) throw new Error(`the service responded with ${response.status}`)
  const { user_name } = (await response.json()) as { user_name: string }
  return user_name
}

/** Signs the user out. Returns whether the service has revoked the token. */
export async function signOut(): Promise<boolean> {
  const { revoked } = await session.signOut()
  return revoked
}
