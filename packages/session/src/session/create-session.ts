import { checkOptions, type OptionValidator } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import { toTokenInfo } from '../token/session-token.ts'
import { abortable } from './aborted.ts'
import { authorizedFetch } from './authorized-fetch.ts'
import type { GetTokenOptions, Session } from './session.ts'
import { SessionKeeper } from './session-keeper.ts'
import { checkSessionOptions, type SessionOptions } from './session-options.ts'

/**
 * Creates a session, which keeps one token fresh for any number of callers. Tabs, processes and machines that share a
 * store share the session: one of them refreshes the token for all.
 *
 * The session reads and sends nothing before its first use.
 *
 * @throws PDSError with code `InvalidParameter` if an option is unknown, missing or invalid.
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
  const checked = checkSessionOptions(options)
  const keeper = new SessionKeeper(checked)

  const waitForToken = ({ rejected, signal }: GetTokenOptions) =>
    abortable(signal, () => keeper.currentToken(rejected))
  const freshToken = ({ rejected, signal }: GetTokenOptions) =>
    signal?.aborted ? undefined : keeper.freshToken(rejected)

  // A fresh token is not awaited, because the await would take a third of the time of nearly all calls.
  const getToken = async (tokenOptions?: GetTokenOptions): Promise<ITokenInfo> => {
    const checked = checkTokenOptions('getToken', tokenOptions)
    return toTokenInfo(freshToken(checked) ?? (await waitForToken(checked)), keeper.clock.now())
  }
  const getAccessToken = async (tokenOptions?: GetTokenOptions): Promise<string> => {
    const checked = checkTokenOptions('getAccessToken', tokenOptions)
    return (freshToken(checked) ?? (await waitForToken(checked))).info.access_token
  }
  const { origins = [] } = checked

  return {
    get state() {
      return keeper.status
    },
    status: () => keeper.readStatus(),
    getToken,
    getAccessToken,
    fetch: authorizedFetch(getAccessToken, origins, checked.fetch),
    setToken: (token) => keeper.setToken(token),
    signOut: () => keeper.signOut(),
    subscribe: (type, listener) => keeper.subscribe(type, listener),
    close: () => keeper.close(),
  }
}

const tokenOptionValidators: Readonly<Record<keyof GetTokenOptions, OptionValidator>> = {
  rejected: { wants: 'an access token', accepts: (value) => typeof value === 'string' },
  signal: { wants: 'an AbortSignal', accepts: (value) => typeof Object(value).aborted === 'boolean' },
}

function checkTokenOptions(method: string, options: GetTokenOptions | undefined): GetTokenOptions {
  // Most calls have no options, and take less time than the check.
  return options ? checkOptions(method, options, tokenOptionValidators, 'options', 'options.') : noOptions
}

const noOptions: GetTokenOptions = {}
