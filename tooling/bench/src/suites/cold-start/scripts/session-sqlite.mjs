import { createSession } from '@pds/session'
import { sqliteStore } from '@pds/session-sqlite'
import { endpoint, expectToken, user_id } from './application.mjs'

if (endpoint) {
  const body = new URLSearchParams({ user_id })
  const obtain = async () => (await fetch(`${endpoint}/v2/oauth/token`, { method: 'POST', body })).json()
  const store = sqliteStore({ path: `${process.env.FOLDER}/${process.pid}.db` })
  const session = createSession({ key: user_id, grant: { obtain }, store })
  expectToken(await session.getAccessToken())
  session.close()
  store.close()
}
