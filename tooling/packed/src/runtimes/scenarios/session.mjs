import { oauthGrant } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { createSession } from '@pds/session'
import { openStore } from './open-store.mjs'
import { statusOf, verify } from './verify.mjs'

const callers = 20

/** Lets many callers use a session whose token has just died. */
export async function run({ api_endpoint, app, token, key, store: description }) {
  const { store, close } = await openStore(description)
  const transport = createTransport({ api_endpoint })
  const session = createSession({ key, grant: oauthGrant({ transport, ...app }), store })
  await session.setToken(token)

  const ask = async () => {
    const answer = await session.fetch(`${api_endpoint}/v2/user/get`, { method: 'POST' })
    await answer.text()
    return [answer.status, await session.getAccessToken()]
  }
  const answers = await Promise.all(Array.from({ length: callers }, ask))
  const access_token = await session.getAccessToken()
  for (const answer of answers) verify('what a caller got', answer, [200, access_token])
  verify('whether the old token is given out', access_token === token.access_token, false)
  verify('the status of the old token', await statusOf(api_endpoint, token.access_token), 401)
  session.close()
  await close()
  return { access_token, scope: store.scope }
}
