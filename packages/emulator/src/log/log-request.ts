import { decodeJwt, decodeProtectedHeader } from 'jose'
import { publicClaims, publicResponseFields } from './known-fields.ts'
import { fingerprint, redact, shorten } from './redact.ts'
import {
  type Fields,
  redactFields,
  redactParams,
  redactPath,
  redactText,
  redactUrl,
  secretsOf,
} from './redact-fields.ts'
import type { LoggedRequest, RequestLog, RequestTrace } from './request-log.ts'

/** Adds a request to the log, with its secrets redacted. `response` is undefined if the client received none. */
export async function logRequest(
  log: RequestLog,
  entry: Pick<LoggedRequest, 'at' | 'requestId' | 'fault'>,
  request: { method: string; url: string; headers: Headers; body: string },
  response: Response | undefined,
  trace: RequestTrace,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url)
  const params = { ...Object.fromEntries(searchParams), ...parseBody(request) }
  const credentials = readCredentials(request.headers)
  const location = response?.headers.get('location') ?? null
  const assertion = await readAssertion(params.assertion)
  const redirect = location === null ? undefined : new URL(location, request.url)
  const secrets = [...secretsOf(params), ...credentials.secrets]
  const shown = redirect ? await redactUrl(redirect.href) : await redactResponse(response, secrets)
  const client_id = params.client_id ?? params.app_id ?? trace.grant?.client_id
  const user = trace.user ?? trace.grant?.user
  const grant = pathname.endsWith('/token') ? grantOf(params.grant_type) : undefined
  const rotated = await describeTokens(trace)
  const error = errorOf(response, shown, redirect) ?? (response?.ok === false ? trace.error : undefined)
  log.add({
    ...entry,
    method: request.method,
    path: await redactPath(pathname),
    params: await redactParams(params),
    ...(assertion && { assertion }),
    ...(await redactCredentials(credentials)),
    ...(typeof client_id === 'string' && { client_id: shorten(client_id) }),
    ...(user && { user_id: shorten(user.user_id) }),
    ...(grant && { grant }),
    ...(rotated && { rotated }),
    ...(trace.deviations && { deviations: trace.deviations }),
    status: response?.status ?? 0,
    ...(error !== undefined && { error: shorten(error) }),
    response: shown,
  })
}

/** The credentials in the headers of a request. */
interface Credentials {
  scheme: string
  /** The access token of the scheme `Bearer`, or the credentials of another scheme. */
  token?: string
  share_token?: string
  secrets: string[]
}

function readCredentials(headers: Headers): Credentials {
  const authorization = headers.get('authorization')
  const share_token = headers.get('x-share-token')
  const isBasic = /^Basic /i.test(authorization ?? '')
  const token = authorization?.replace(/^(Bearer|Basic) /i, '')
  return {
    scheme: isBasic ? 'Basic' : 'Bearer',
    ...(token !== undefined && { token }),
    ...(share_token !== null && { share_token }),
    secrets: [token ?? '', share_token ?? ''].filter(Boolean),
  }
}

async function redactCredentials(
  credentials: Credentials,
): Promise<Pick<LoggedRequest, 'authorization' | 'share_token'>> {
  const { scheme, token, share_token } = credentials
  return {
    ...(token !== undefined && { authorization: `${scheme} ${await redact(token)}` }),
    ...(share_token !== undefined && { share_token: String(await redact(share_token)) }),
  }
}

function parseBody({ headers, body }: { headers: Headers; body: string }): Fields {
  if (headers.get('content-type')?.startsWith('application/json')) {
    const data = parseJson(body)
    return typeof data === 'object' ? { ...data } : {}
  }
  return Object.fromEntries(new URLSearchParams(body))
}

async function readAssertion(assertion: unknown): Promise<LoggedRequest['assertion']> {
  if (typeof assertion !== 'string') return undefined
  try {
    return {
      header: await redactFields({ ...decodeProtectedHeader(assertion) }, publicClaims),
      claims: await redactFields(decodeJwt(assertion), publicClaims),
    }
  } catch {
    return undefined
  }
}

function grantOf(grant_type: unknown): LoggedRequest['grant'] {
  switch (grant_type) {
    case 'urn:ietf:params:oauth:grant-type:jwt-bearer':
      return 'jwt-bearer'
    case 'authorization_code':
    case 'code':
      return 'authorization_code'
    case 'refresh_token':
      return 'refresh_token'
    default:
      return undefined
  }
}

async function describeTokens(trace: RequestTrace): Promise<LoggedRequest['rotated']> {
  if (!trace.old && !trace.new) return undefined
  const describe = async (read: (pair: NonNullable<RequestTrace['old']>) => Promise<string> | string) => ({
    ...(trace.old && { old: await fingerprint(await read(trace.old)) }),
    ...(trace.new && { new: await fingerprint(await read(trace.new)) }),
  })
  return {
    access_token: await describe(({ access_token }) => access_token),
    refresh_token: await describe(({ refresh_token }) => refresh_token),
  }
}

/** Returns the error code of a response, from the redirect, the JSON body or the gateway's header. */
function errorOf(
  response: Response | undefined,
  shown: unknown,
  redirect: URL | undefined,
): string | undefined {
  const fields = typeof shown === 'object' && shown !== null ? (shown as Fields) : {}
  const code = redirect?.searchParams.get('error') ?? fields.code ?? fields.Code
  return typeof code === 'string' ? code : (response?.headers.get('x-ca-error-code') ?? undefined)
}

// Before 22.21 and 24.8, Node.js cancels the body of a response when its clone is garbage-collected. So a clone must
// live as long as its response.
const clones = new WeakMap<Response, Response>()

async function textOf(response: Response): Promise<string> {
  const clone = response.clone()
  clones.set(response, clone)
  return clone.text()
}

async function redactResponse(
  response: Response | undefined,
  secrets: readonly string[],
): Promise<Fields | undefined> {
  const data = parseJson(response ? await textOf(response) : '')
  if (typeof data !== 'object' || data === null) return undefined
  const fields: Fields = { ...data }
  for (const name of ['message', 'Message']) {
    const text = fields[name]
    if (typeof text === 'string') fields[name] = await redactText(text, secrets)
  }
  return redactFields(fields, publicResponseFields)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
