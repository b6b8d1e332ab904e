import { jwtGrant } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { createSessions } from '@pds/session'
import { type RequestProcess, startProcess } from '../../harness/request-process.ts'
import type { ServiceLimit, ServiceRequest, ServiceResponse } from './throttled-service.ts'

/** The process of a throttling service. */
export type ThrottledService = RequestProcess<ServiceRequest, ServiceResponse>

/** Starts the process of a service, which is an emulator with a limit. */
export function startThrottledService(): ThrottledService {
  return startProcess(new URL('throttled-service-process.ts', import.meta.url))
}

/** What happened when many users called for their first tokens at once. */
export interface ThrottledCalls {
  /** The time until all callers have their tokens, in nanoseconds. */
  time: number
  /** The number of callers that got the token of their user. */
  succeeded: number
  /** The user of each token that the service issued. */
  granted: readonly string[]
  /** The share of all requests that the service rejected. */
  rejectedShare: number
}

/** Gets the tokens of all users from a service. Returns the results in the order of the users. */
export type GetTokens = (
  service: Pick<ServiceResponse, 'api_endpoint' | 'application'>,
  user_ids: readonly string[],
) => Promise<readonly PromiseSettledResult<string>[]>

/** Lets a number of users call for their first tokens at once, against a new service with a limit. */
export async function callThrottled(
  { request }: ThrottledService,
  limit: ServiceLimit,
  callers: number,
  getTokens: GetTokens,
): Promise<ThrottledCalls> {
  const user_ids = Array.from({ length: callers }, (_, index) => `user-${index}`)
  const service = await request({ start: { limit, user_ids } })
  const started = performance.now()
  const results = await getTokens(service, user_ids)
  const time = (performance.now() - started) * 1e6
  const { granted, rejected } = await request({})
  const succeeded = results.filter(
    (result, index) => result.status === 'fulfilled' && userOf(result.value) === user_ids[index],
  ).length
  return { time, succeeded, granted, rejectedShare: rejected / (rejected + granted.length) }
}

/** Gets the tokens through a pool with the default options. */
export const poolTokens: GetTokens = async ({ api_endpoint, application }, user_ids) => {
  const transport = createTransport({ api_endpoint })
  const users = createSessions({ grant: (user_id) => jwtGrant({ transport, ...application, user_id }) })
  const results = await Promise.allSettled(user_ids.map((user_id) => users.get(user_id).getAccessToken()))
  await users.close()
  return results
}

/** Returns the user that an access token of the emulator names. */
function userOf(access_token: string): unknown {
  const [, payload = ''] = access_token.split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()).userId
}
