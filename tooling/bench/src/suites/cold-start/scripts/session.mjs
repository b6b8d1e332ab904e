import { createSession } from '@pds/session'
import { endpoint, expectToken, user_id } from './application.mjs'

if (endpoint) {
  const body = new URLSearchParams({ user_id })
  const obtain = async () => (await fetch(`${endpoint}/v2/oauth/token`, { method: 'POST', body })).json()
  const session = createSession({ key: user_id, grant: { obtain } })
  expectToken(await session.getAccessToken())
  session.close()
}
