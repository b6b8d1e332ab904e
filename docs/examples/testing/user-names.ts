import { jwtGrant } from '@pds/auth-jwt'
import { createTransport } from '@pds/core'
import { createSessions } from '@pds/session'

/** The endpoint of the domain and the credentials of the application. */
export interface Config {
  api_endpoint: string
  domain_id: string
  client_id: string
  private_key_pem: string
}

/** Creates a function that returns the name of a user. */
export function createUserNames({ api_endpoint, ...app }: Config): (user_id: string) => Promise<string> {
  const transport = createTransport({ api_endpoint })
  const users = createSessions({ grant: (user_id) => jwtGrant({ transport, ...app, user_id }) })

  return async function userName(user_id) {
    const response = await users.get(user_id).fetch(`${api_endpoint}/v2/user/get`, { method: 'POST' })
    if (!response.ok) throw new Error(`the service responded with ${response.status}`)
    const { user_name } = await response.json()
    return user_name
  }
}
