import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { LoggedRequest, RequestLog } from './request-log.ts'
import type { RequestTrace } from './request-trace.ts'
import { base64url, sha256 } from './webcrypto.ts'

const secretParams = new Set([
  'access_token',
  'assertion',
  'client_secret',
  'code',
  'code_verifier',
  'csrf_token',
  'refresh_token',
])
const secretAnswers = new Set(['access_token', 'refresh_token'])

/** Adds a request to the log, one without an answer too, with its secrets masked. */
export async function logRequest(
  log: RequestLog,
  entry: Pick<LoggedRequest, 'at' | 'requestId' | 'fault'>,
  request: { method: string; url: string; headers: Headers; body: string },
  response: Response | undefined,
  trace: RequestTrace,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url)
  const params = { ...Object.fromEntries(searchParams), ...parseBody(request) }
  const authorization = request.headers.get('authorization')
  const location = response?.headers.get('location') ?? null
  const assertion = decodeAssertion(params.assertion)
  const redirect = location === null ? undefined : new URL(location, request.url)
  const answer = redirect ? await maskAddress(redirect) : await maskAnswer(response)
  const client_id = params.client_id ?? params.app_id ?? trace.grant?.client_id
  const user = trace.user ?? trace.grant?.user
  const grant = pathname.endsWith('/token') ? grantOf(params.grant_type) : undefined
  const rotated = await describeTokens(trace)
  const error = errorOf(response, answer, redirect) ?? (response?.ok === false ? trace.error : undefined)
  log.add({
    ...entry,
    method: request.method,
    path: pathname,
    params: await maskFields(params, secretParams),
    ...(assertion && { assertion }),
    ...(authorization !== null && {
      authorization: `Bearer ${await mask(authorization.replace(/^Bearer /i, ''))}`,
    }),
    ...(typeof client_id === 'string' && { client_id }),
    ...(user && { user_id: user.user_id }),
    ...(grant && { grant }),
    ...(rotated && { rotated }),
    status: response?.status ?? 0,
    ...(error !== undefined && { error }),
    answer,
  })
}

function parseBody({ headers, body }: { headers: Headers; body: string }): Record<string, unknown> {
  if (headers.get('content-type')?.startsWith('application/json')) {
    const data = parseJson(body)
    return typeof data === 'object' ? { ...data } : {}
  }
  return Object.fromEntries(new URLSearchParams(body))
}

function decodeAssertion(assertion: unknown): LoggedRequest['assertion'] {
  if (typeof assertion !== 'string') return undefined
  try {
    return {
      header: decodeProtectedHeader(assertion),
      claims: decodeJwt(assertion),
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

/** The code of an error, in each of the places where an answer may have it. */
function errorOf(
  response: Response | undefined,
  answer: unknown,
  redirect: URL | undefined,
): string | undefined {
  const fields = typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {}
  const code = redirect?.searchParams.get('error') ?? fields.code ?? fields.Code
  return typeof code === 'string' ? code : (response?.headers.get('x-ca-error-code') ?? undefined)
}

async function maskAnswer(response: Response | undefined): Promise<unknown> {
  const data = parseJson((await response?.clone().text()) ?? '')
  return typeof data === 'object' && data !== null ? maskFields({ ...data }, secretAnswers) : undefined
}

async function maskAddress(address: URL): Promise<string> {
  const masked = new URL(address)
  const code = masked.searchParams.get('code')
  if (code !== null) masked.searchParams.set('code', await fingerprint(code))
  return masked.href
}

async function maskFields(
  fields: Record<string, unknown>,
  secret: Set<string>,
): Promise<Record<string, unknown>> {
  const entries = Object.entries(fields).map(async ([name, value]) => {
    // A body that was read as another format than it has can hold secrets anywhere, also in a name.
    const isOpaque = secret.has(name) || typeof value === 'object'
    return [/^[\w-]+$/.test(name) ? name : await mask(name), isOpaque ? await mask(value) : value]
  })
  return Object.fromEntries(await Promise.all(entries))
}

async function mask(value: unknown): Promise<unknown> {
  if (value === null) return null
  const secret = typeof value === 'string' ? value : JSON.stringify(value)
  return `${await fingerprint(secret)} (${secret.length} characters)`
}

/** What stands in place of a secret: the same secret can be followed through the log, and not be used. */
async function fingerprint(secret: string): Promise<string> {
  return `***${base64url(await sha256(secret)).slice(0, 8)}***`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
