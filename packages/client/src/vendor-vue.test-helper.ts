import { PDSClient, PDSError, type TokenInfo } from '@pds/client'

/*
 * The module of a page that has one client, as in the vendor's Vue example: the token in localStorage, the page's own back
 * end at `/token`, and one listener for all errors. The comments name what differs from code for the vendor's class.
 */

const tokenStore = {
  get: (): TokenInfo | undefined => JSON.parse(localStorage.getItem('token') ?? 'null') ?? undefined,
  save: (token: TokenInfo) => localStorage.setItem('token', JSON.stringify(token)),
}

/** Returns a token from the page's back end. */
async function getToken(user_id?: string): Promise<TokenInfo> {
  const response = await fetch('/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user_id }),
  })
  const token: TokenInfo = await response.json()
  if (response.ok) tokenStore.save(token)
  return token
}

/** What the page shows to its user, from the first error on. */
const notices: string[] = []

function notice({ code, message, status }: PDSError): string {
  if (/AccessTokenInvalid/.test(code)) return 'sign in'
  if (/TokenExpired/.test(code) && /UserNotEnabled/.test(message)) return 'user disabled'
  if (status === 403 && /UserRoleChanged/.test(message)) return 'role changed'
  if (code === 'Forbidden') return 'forbidden'
  // The vendor's code compares the message with the one of axios.
  if (code === 'NetworkError') return 'check the network'
  if (status === 409 && message.includes('is already availabe')) return ''
  if (status === 404) return /^NotFound/.test(code) ? 'not found' : 'unsupported'
  return message.includes('token') ? 'token' : ''
}

let client: PDSClient

/**
 * Creates the client of the page.
 *
 * `passes` tells how the function of the example is passed: unchanged, or without the argument that this client passes to it.
 */
export function start(api_endpoint: string, passes: 'getToken' | 'a closure' = 'a closure'): void {
  const refresh_token_fun = passes === 'getToken' ? (getToken as () => Promise<TokenInfo>) : () => getToken()
  client = new PDSClient({
    api_endpoint: new URL(api_endpoint).origin,
    refresh_token_fun,
    verbose: true,
    logger: () => undefined,
  })
  // The listener has one argument.
  client.on('error', (error) => void notices.push(notice(error)))
  const token = tokenStore.get()
  if (token?.access_token) client.setToken(token)
}

/** Calls the API, and returns the result or the error as the page sees it. */
export async function call(pathname: string, data: object = {}): Promise<object> {
  try {
    return { data: await client.postAPI(pathname, data) }
  } catch (error) {
    if (!(error instanceof PDSError)) throw error
    return { ...error.toJSON(), isError: true }
  }
}

/** Returns the notices since the last call, and the token in the store. */
export function state(): { notices: string[]; stored: TokenInfo | undefined } {
  return { notices: notices.splice(0), stored: tokenStore.get() }
}
