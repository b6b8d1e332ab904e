import { empty, missing, ServiceError, wrongFormat } from '../domain/service-error.ts'
import { isKnownParam } from '../log/known-fields.ts'

/** The parameters of a request by name. */
export type Params = ReadonlyMap<string, string>

/** Reads a form body. A parameter must not come twice (RFC 6749 section 3.2). */
export function parseForm(contentType: string | undefined, body: string): Params {
  if (mediaType(contentType) !== 'application/x-www-form-urlencoded') {
    throw wrongFormat('Content-Type', 'application/x-www-form-urlencoded is expected')
  }
  return uniqueParams(new URLSearchParams(body))
}

/** Reads parameters of a query or a form, each of which must be there once. */
export function uniqueParams(params: URLSearchParams): Params {
  const unique = new Map<string, string>()
  for (const [name, value] of params) {
    if (unique.has(name)) throw duplicated(name)
    unique.set(name, value)
  }
  return unique
}

/** Reads a JSON body: an object of strings, as far as the emulated calls need one. */
export function parseJson(contentType: string | undefined, body: string): Params {
  if (mediaType(contentType) !== 'application/json') {
    throw wrongFormat('Content-Type', 'application/json is expected')
  }
  let data: unknown
  try {
    data = JSON.parse(body)
  } catch {
    throw invalidJson()
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw invalidJson()
  const params = new Map<string, string>()
  for (const [name, value] of Object.entries(data)) {
    if (typeof value !== 'string') throw noString(name)
    params.set(name, value)
  }
  return params
}

/** A parameter that must be there and not be empty. */
export function required(params: Params, name: string): string {
  const value = params.get(name)
  if (value === undefined) throw missing(name)
  if (value === '') throw empty(name)
  return value
}

/** The media type that a content type names, without its parameters. */
export function mediaType(contentType: string | undefined): string | undefined {
  return contentType?.split(';')[0]?.trim().toLowerCase()
}

function duplicated(name: string): ServiceError {
  if (isKnownParam(name)) return wrongFormat(name, 'it is given more than once')
  return unnamed('A parameter is given more than once.')
}

function noString(name: string): ServiceError {
  if (isKnownParam(name)) return wrongFormat(name, 'a string is expected')
  return unnamed('A parameter is not a string.')
}

// What is taken for a name may be a secret, where a body was sent in another format than it has.
function unnamed(message: string): ServiceError {
  return new ServiceError(400, 'InvalidParameterWrongFormat', message)
}

function invalidJson(): ServiceError {
  return new ServiceError(400, 'InvalidRequestJSONFormat', 'The request body is not a JSON object.')
}

/** The largest body that is read, in bytes. The vendor does not say which one the service reads. */
const maxBytes = 1_000_000

/** Reads a request's body; of one that is larger than 1 MB no more than that is read, and none is given. */
export async function readBody(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get('content-length')) > maxBytes) return undefined
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const bytes of request.body ?? []) {
    size += bytes.length
    if (size > maxBytes) return undefined
    text += decoder.decode(bytes, { stream: true })
  }
  return text + decoder.decode()
}
