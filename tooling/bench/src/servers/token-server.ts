import { startProcess } from '../harness/request-process.ts'

/** A running server on this machine. */
export interface TokenServer {
  /** For example `http://127.0.0.1:4000`. */
  endpoint: string
  /** Rejects if the server has failed before: that explains failed requests. */
  close(): Promise<void>
}

/** Starts a server in another process. It responds to each POST with the same token. */
export async function startTokenServer(): Promise<TokenServer> {
  const file = new URL('token-server-process.ts', import.meta.url)
  const { request, end } = startProcess<object, { endpoint: string }>(file)
  const { endpoint } = await request({})
  return { endpoint, close: end }
}

/** Returns a token of about the size of the service's tokens. Its strings start with `prefix`. */
export function sampleToken(user_id: string, prefix = '') {
  return {
    access_token: prefix.padEnd(512, 'a'),
    refresh_token: prefix.padEnd(32, 'r'),
    expires_in: 7200,
    expire_time: '2099-01-01T00:00:00Z',
    token_type: 'Bearer',
    domain_id: 'bj1',
    user_id,
    user_name: user_id,
    role: 'user',
    status: 'enabled',
  }
}
