import { oauthGrant } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { createSession } from '@pds/session'
import { openStore } from './open-store.mjs'
import { statusOf, verify } from './verify.mjs'

const callers = 20

/** Uses a session with an expired token from many callers. */
export async function run({ api_endpoint, app, token, key, store: description }) {
  const { store, close } = await openStore(description)
  const transport = createTransport({ api_endpoint })
  const session = createSession({ key, grant: oauthGrant({ transport, ...app }), store })
  await session.setToken(token)

  const call = async () => {
    const response = await session.fetch(`${api_endpoint}/v2/user/get`, { method: 'POST' })
    await response.text()
    return [response.status, await session.getAccessToken()]
  }
  const results = await Promise.all(Array.from({ length: callers }, call))
  const access_token = await session.getAccessToken()
  for (const result of results) verify('the result of a caller', result, [200, access_token])
  verify('whether the session returns the old token', access_token === token.access_token, false)
  verify('the status of the old token', await statusOf(api_endpoint, token.access_token), 401)
  session.close()
  await close()
  return { access_token, scope: store.scope }
}
