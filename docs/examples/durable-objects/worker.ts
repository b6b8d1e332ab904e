import { jwtGrant } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { createSession, encryptedStore } from '@pds/session'
import { durableObjectStore, type SessionRecord } from './session-record.ts'

export { SessionRecord } from './session-record.ts'

interface Env {
  SESSIONS: DurableObjectNamespace<SessionRecord>
  /** 32 random bytes in base64. */
  PDS_SESSION_KEY: string
  PDS_API_ENDPOINT: string
  PDS_DOMAIN_ID: string
  PDS_CLIENT_ID: string
  PDS_PRIVATE_KEY: string
}

export default {
  async fetch(request, env) {
    // In your application, the user of the login.
    const user_id = new URL(request.url).searchParams.get('user') ?? ''
    const session = openSession(env, user_id)
    try {
      const response = await session.fetch(`${env.PDS_API_ENDPOINT}/v2/user/get`, { method: 'POST' })
      return Response.json(await response.json(), { status: response.status })
    } finally {
      session.close()
    }
  },
} satisfies ExportedHandler<Env>

/** Opens a session for one request: Workers do not share connections and timers between requests. */
function openSession(env: Env, user_id: string) {
  const transport = createTransport({ api_endpoint: env.PDS_API_ENDPOINT })
  const { PDS_DOMAIN_ID: domain_id, PDS_CLIENT_ID: client_id, PDS_PRIVATE_KEY: private_key_pem } = env
  const grant = jwtGrant({ transport, domain_id, client_id, private_key_pem, user_id })
  const key = Uint8Array.from(atob(env.PDS_SESSION_KEY), (char) => char.charCodeAt(0))
  return createSession({ key: user_id, grant, store: encryptedStore(durableObjectStore(env.SESSIONS), key) })
}
