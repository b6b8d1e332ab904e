import { fromEnv, jwtGrant } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { createSession, encryptedStore } from '@pds/session'
import { durableObjectStore, type SessionRecord } from './session-record.ts'

export { SessionRecord } from './session-record.ts'

interface Env {
  SESSIONS: DurableObjectNamespace<SessionRecord>
  /** 32 random bytes in base64. */
  PDS_SESSION_KEY: string
  PDS_DOMAIN_ID: string
  PDS_CLIENT_ID: string
  PDS_PRIVATE_KEY: string
}

export default {
  async fetch(request, env) {
    // In your application, the user of the login.
    const user_id = new URL(request.url).searchParams.get('user')
    if (!user_id) return new Response('the user is missing', { status: 400 })
    const { api_endpoint } = fromEnv(env).transport
    const session = openSession(env, user_id)
    try {
      const response = await session.fetch(`${api_endpoint}/v2/user/get`, { method: 'POST' })
      return Response.json(await response.json(), { status: response.status })
    } finally {
      session.close()
    }
  },
} satisfies ExportedHandler<Env>

/** Opens a session for one request: Workers do not share connections and timers between requests. */
function openSession(env: Env, user_id: string) {
  const { transport, app } = fromEnv(env)
  const grant = jwtGrant({ transport: createTransport(transport), ...app, user_id })
  const key = Uint8Array.from(atob(env.PDS_SESSION_KEY), (char) => char.charCodeAt(0))
  return createSession({ key: user_id, grant, store: encryptedStore(durableObjectStore(env.SESSIONS), key) })
}
