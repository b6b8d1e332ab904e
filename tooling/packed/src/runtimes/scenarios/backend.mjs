import { oauthGrant } from '@pds/auth-oauth'
import { createBackend } from '@pds/backend'
import { createTransport } from '@pds/core'
import { createSessions } from '@pds/session'
import { verify } from './verify.mjs'

/** Signs a user in with the routes of a back end, gets and renews the token of the page, and signs out. */
export async function run({ api_endpoint, app, user_id }) {
  const transport = createTransport({ api_endpoint })
  const sessions = createSessions({ grant: () => oauthGrant({ transport, ...app }) })
  const secret = 'a secret of the tests with more than 32 characters'
  const pds = createBackend({ sessions, signIn: { transport, ...app }, cookie: { secret } })
  const { origin } = new URL(app.redirect_uri)
  const cookies = new Map()

  async function send(address, init = {}) {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
    const headers = { ...init.headers, ...(cookie && { cookie }) }
    const response = await pds.handle(new Request(new URL(address, origin), { ...init, headers }))
    for (const header of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(header)
      if (value) cookies.set(name, value)
      else cookies.delete(name)
    }
    return response
  }
  const post = (route, body = {}) =>
    send(`/pds/${route}`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  const started = await send('/pds/sign-in?returnTo=/photos')
  // With a user_id, the emulator approves without a page and redirects to the application.
  const accepted = await fetch(`${started.headers.get('location')}&user_id=${user_id}`)
  const completed = await send(accepted.url)
  verify('the page after the sign-in', completed.headers.get('location'), '/photos')
  const token = await (await post('token')).json()
  verify('the user', token.user_id, user_id)
  const next = await (await post('token', { rejected: token.access_token })).json()
  verify('whether the page gets the rejected token', next.access_token === token.access_token, false)
  const session = await pds.sessionOf(new Headers({ cookie: [...cookies][0].join('=') }))
  verify('the token of the session', await session.getAccessToken(), next.access_token)
  const statuses = []
  for (const route of ['sign-out', 'token']) statuses.push((await post(route)).status)
  const foreign = { method: 'POST', headers: { origin: 'https://elsewhere.example' } }
  statuses.push((await send('/pds/token', foreign)).status)
  await sessions.close()
  return { statuses, cookies: [...cookies.keys()] }
}
