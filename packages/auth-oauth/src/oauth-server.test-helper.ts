import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An OAuth 2.0 server without the vendor's extensions. */
export interface OAuthServer {
  origin: string
  /** The path and parameters of each request, without the authorization requests. */
  requests: { path: string; params: Record<string, string> }[]
  close(): Promise<void>
}

interface Grant {
  client_id: string
  active: boolean
}

interface Code extends Grant {
  redirect_uri: string
  challenge: string
}

class OAuthError extends Error {
  readonly status: number
  constructor(error: string, status = 400) {
    super(error)
    this.status = status
  }
}

/**
 * Starts a strict server of RFC 6749, 7636 and 7009. It requires PKCE with S256. Each code and each refresh token is
 * valid for one use. A second use of a refresh token revokes the grant (RFC 9700 section 4.14.2).
 */
export async function startOAuthServer(client: {
  client_id: string
  client_secret?: string
  redirect_uri: string
}): Promise<OAuthServer> {
  const codes = new Map<string, Code>()
  const refreshTokens = new Map<string, { grant: Grant; spent: boolean }>()
  const requests: OAuthServer['requests'] = []
  const random = () => randomBytes(24).toString('base64url')
  const requireParam = (params: URLSearchParams, name: string) => {
    const values = params.getAll(name)
    // RFC 6749 section 3.1: no parameter occurs twice, and an empty parameter counts as omitted.
    if (values.length !== 1 || !values[0]) throw new OAuthError('invalid_request')
    return values[0]
  }

  const issue = (grant: Grant) => {
    const refresh_token = random()
    refreshTokens.set(refresh_token, { grant, spent: false })
    return { access_token: random(), token_type: 'bearer', expires_in: 600, refresh_token }
  }
  const revoke = (grant: Grant) => {
    grant.active = false
  }
  const authenticate = (params: URLSearchParams, authorization = '') => {
    const [, basic] = /^Basic (.+)$/.exec(authorization) ?? []
    // RFC 6749 section 2.3: a client uses only one method.
    if (basic && (params.has('client_id') || params.has('client_secret'))) {
      throw new OAuthError('invalid_request')
    }
    if (basic) {
      const [id = '', password = ''] = atob(basic)
        .split(':')
        .map((text) => new URLSearchParams(`_=${text}`).get('_'))
      params.set('client_id', id ?? '')
      params.set('client_secret', password ?? '')
    }
    const isKnown = requireParam(params, 'client_id') === client.client_id
    const secret = params.get('client_secret') ?? undefined
    if (!isKnown || secret !== client.client_secret) throw new OAuthError('invalid_client', 401)
  }

  const authorize = (params: URLSearchParams, response: ServerResponse) => {
    if (requireParam(params, 'client_id') !== client.client_id) throw new OAuthError('invalid_request')
    if (requireParam(params, 'redirect_uri') !== client.redirect_uri) throw new OAuthError('invalid_request')
    const redirect = new URL(client.redirect_uri)
    const state = params.get('state')
    if (state) redirect.searchParams.set('state', state)
    redirect.searchParams.set('iss', `http://${response.req.headers.host}`)
    if (requireParam(params, 'response_type') !== 'code') {
      redirect.searchParams.set('error', 'unsupported_response_type')
    } else if (params.get('code_challenge_method') !== 'S256' || !params.get('code_challenge')) {
      redirect.searchParams.set('error', 'invalid_request')
      redirect.searchParams.set('error_description', 'code challenge required')
    } else {
      const code = random()
      const { client_id, redirect_uri } = client
      codes.set(code, {
        client_id,
        redirect_uri,
        challenge: requireParam(params, 'code_challenge'),
        active: true,
      })
      redirect.searchParams.set('code', code)
    }
    response.writeHead(302, { location: redirect.href }).end()
  }
  const exchange = (params: URLSearchParams) => {
    const key = requireParam(params, 'code')
    const code = codes.get(key)
    if (!code) throw new OAuthError('invalid_grant')
    codes.delete(key)
    const verifier = requireParam(params, 'code_verifier')
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    const isSameClient =
      challenge === code.challenge && requireParam(params, 'redirect_uri') === code.redirect_uri
    if (!isSameClient || !/^[\w.~-]{43,128}$/.test(verifier)) throw new OAuthError('invalid_grant')
    return issue(code)
  }
  const refresh = (params: URLSearchParams) => {
    const known = refreshTokens.get(requireParam(params, 'refresh_token'))
    if (!known?.grant.active) throw new OAuthError('invalid_grant')
    if (known.spent) {
      revoke(known.grant)
      throw new OAuthError('invalid_grant')
    }
    known.spent = true
    return issue(known.grant)
  }

  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    if (pathname === '/authorize' && request.method === 'GET') return authorize(searchParams, response)
    const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded'
    if (request.method !== 'POST' || !isForm) throw new OAuthError('invalid_request')
    let body = ''
    for await (const chunk of request) body += chunk
    const params = new URLSearchParams(body)
    requests.push({ path: pathname, params: Object.fromEntries(params) })
    authenticate(params, request.headers.authorization)
    if (pathname === '/revoke') {
      const grant = refreshTokens.get(requireParam(params, 'token'))?.grant
      if (grant) revoke(grant)
      // RFC 7009 section 2.2: clients ignore the body.
      response.writeHead(200, { 'content-type': 'text/plain' }).end('gone')
      return
    }
    const grant_type = requireParam(params, 'grant_type')
    const isCode = grant_type === 'authorization_code'
    if (pathname !== '/token') throw new OAuthError('invalid_request', 404)
    if (!isCode && grant_type !== 'refresh_token') throw new OAuthError('unsupported_grant_type')
    const token = isCode ? exchange(params) : refresh(params)
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify(token))
  }

  const server = createServer((request, response) => {
    respond(request, response).catch((error: OAuthError) => {
      response.writeHead(error.status ?? 500, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: error.message }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
