import type { Domain } from '../domain/domain.ts'
import { authorize } from './authorize.ts'

/** An authorization request. Only `client_id` is required. */
export interface CodeRequest {
  /** The id of an OAuth application of the domain. */
  client_id: string
  /** The redirect URI. Default: the first redirect URI of the application. */
  redirect_uri?: string
  /** The id of the user who signs in. Default: the first user of the domain. */
  user_id?: string
  /** The requested scopes, separated by spaces or commas. Default: all scopes. */
  scope?: string
  /** The code challenge (RFC 7636 section 4.2). Default: none, the code can be exchanged without a code verifier. */
  code_challenge?: string
  /** The method of the code challenge: `S256`. Required with `code_challenge`. */
  code_challenge_method?: 'S256'
}

/** Approves an authorization request without a browser. Throws the service's error or a `TypeError` if it is not valid. */
export function createCode(domain: Domain, request: CodeRequest): string {
  const registered = domain.apps.get(request.client_id)?.app
  const [redirect_uri = ''] = registered && 'redirect_uris' in registered ? registered.redirect_uris : []
  const [user_id = ''] = domain.users.keys()
  const query = { redirect_uri, user_id, response_type: 'code', login_type: 'default', ...request }
  const redirect = new URL(authorize(domain, new Map(Object.entries(query)))).searchParams
  const code = redirect.get('code')
  if (code === null) throw new TypeError(`createCode: ${redirect.get('error_description')}`)
  return code
}
