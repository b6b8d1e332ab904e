import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { Fault } from './fault.ts'
import { base64url, sha256 } from './webcrypto.ts'

/** A request that the emulator was asked, and its answer, with each secret masked. */
export interface LoggedRequest {
  /** By the emulator's clock, in milliseconds since the epoch. */
  at: number
  /** As in the header `x-ca-request-id` of the answer. */
  requestId: string
  method: string
  path: string
  /** The parameters of the query and of the body. */
  params: Record<string, unknown>
  /** The header and the claims of an assertion, which are no secret without the signature. */
  assertion?: { header: object; claims: object }
  /** The bearer token that came with the request, masked. */
  authorization?: string
  /** The fault that the request met. */
  fault?: Fault['type']
  /** 0 where the connection was cut without an answer. */
  status: number
  /** The JSON of the answer, or the address of a redirect. */
  answer: unknown
}

const secretParams = new Set([
  'access_token',
  'assertion',
  'client_secret',
  'code',
  'code_verifier',
  'refresh_token',
])
const secretAnswers = new Set(['access_token', 'refresh_token'])
const mostEntries = 10_000

/** Adds an entry, of a request without an answer too, and drops the oldest one of a long log. */
export async function logRequest(
  log: LoggedRequest[],
  entry: Pick<LoggedRequest, 'at' | 'requestId' | 'fault'>,
  request: { method: string; url: string; headers: Headers; body: string },
  response: Response | undefined,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url)
  const params = { ...Object.fromEntries(searchParams), ...parseBody(request) }
  const authorization = request.headers.get('authorization')
  const location = response?.headers.get('location') ?? null
  const assertion = decodeAssertion(params.assertion)
  if (log.length >= mostEntries) log.shift()
  log.push({
    ...entry,
    method: request.method,
    path: pathname,
    params: await maskFields(params, secretParams),
    ...(assertion && { assertion }),
    ...(authorization !== null && {
      authorization: `Bearer ${await mask(authorization.replace(/^Bearer /i, ''))}`,
    }),
    status: response?.status ?? 0,
    answer: location === null ? await maskAnswer(response) : await maskLocation(location),
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

async function maskAnswer(response: Response | undefined): Promise<unknown> {
  const data = parseJson((await response?.clone().text()) ?? '')
  return typeof data === 'object' && data !== null ? maskFields({ ...data }, secretAnswers) : undefined
}

async function maskLocation(location: string): Promise<string> {
  const url = new URL(location)
  const code = url.searchParams.get('code')
  if (code !== null) url.searchParams.set('code', await fingerprint(code))
  return url.href
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
