import type { ITokenInfo } from '@pds/types'
import { toTokenInfo } from '../token/session-token.ts'
import { authorizedFetch } from './authorized-fetch.ts'
import type { GetTokenOptions, Session } from './session.ts'
import { SessionEngine } from './session-engine.ts'
import { checkSessionOptions, type SessionOptions } from './session-options.ts'

/**
 * Creates a session, which keeps one token fresh for any number of callers. Tabs, processes and machines that share a
 * store share the session: one of them refreshes the token for all.
 *
 * The session reads and sends nothing before its first use.
 *
 * @throws PDSError with code `InvalidParameter` if an option is unknown, missing or invalid; `UnsupportedEnvironment` without
 * `crypto.randomUUID`, for example in a page that is not served over HTTPS.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { jwtGrant } from '@pds/auth-jwt'
 * import { createTransport } from '@pds/core'
 * import { createSession } from '@pds/session'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const app = { domain_id: 'bj1', client_id: 'jwt-app', private_key_pem: readFileSync('key.pem', 'utf8') }
 * const grant = jwtGrant({ transport, ...app, user_id: 'user-1' })
 * const session = createSession({ key: 'user-1', grant })
 * export const access_token = await session.getAccessToken()
 * ```
 */
export function createSession(options: SessionOptions): Session {
  const checked = checkSessionOptions('createSession', options)
  const engine = new SessionEngine(checked)
  const { known, tools } = engine

  async function getAccessToken(given?: GetTokenOptions): Promise<string> {
    const found = engine.findToken('getAccessToken', given)
    return (found instanceof Promise ? await found : found).info.access_token
  }

  return {
    get state() {
      return known.status
    },
    status: () => engine.status(),
    async getToken(given?: GetTokenOptions): Promise<ITokenInfo> {
      const found = engine.findToken('getToken', given)
      return toTokenInfo(found instanceof Promise ? await found : found, tools.clock.now())
    },
    getAccessToken,
    fetch: authorizedFetch(getAccessToken, checked.origins, checked.fetch),
    setToken: (token) => engine.setToken(token),
    signOut: () => engine.signOut(),
    subscribe: (type, listener) => known.subscribe(type, listener),
    close: () => engine.close(),
  }
}
