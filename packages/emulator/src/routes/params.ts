import { empty, missing, ServiceError, wrongFormat } from '../domain/service-error.ts'
import { isKnownParam } from '../log/known-fields.ts'

/** The parameters of a request by name. */
export type Params = ReadonlyMap<string, string>

/** Reads a form body. Throws the service's error for a parameter that is given twice (RFC 6749 section 3.2). */
export function parseForm(contentType: string | undefined, body: string): Params {
  if (mediaType(contentType) !== 'application/x-www-form-urlencoded') {
    throw wrongFormat('Content-Type', 'it must be application/x-www-form-urlencoded')
  }
  return uniqueParams(new URLSearchParams(body))
}

/** Reads the parameters of a query or a form. Throws the service's error for a parameter that is given twice. */
export function uniqueParams(params: URLSearchParams): Params {
  const unique = new Map<string, string>()
  for (const [name, value] of params) {
    if (unique.has(name)) throw duplicated(name)
    unique.set(name, value)
  }
  return unique
}

/** Known parameters that are not strings. Those of JSON bodies are read with `parseJsonObject`. */
const otherTypes = ['addition_data', 'expire_sec']

/**
 * Reads the string parameters of a JSON body. Throws the service's error for another type of a known string parameter.
 * Fields with unknown names may have any type and are ignored, as JSON servers do.
 */
export function parseJson(contentType: string | undefined, body: string): Params {
  return stringParams(parseJsonObject(contentType, body))
}

/** Returns the string parameters of a JSON object; see `parseJson`. */
export function stringParams(fields: Record<string, unknown>): Params {
  const params = new Map<string, string>()
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') params.set(name, value)
    else if (isKnownParam(name) && !otherTypes.includes(name)) throw wrongFormat(name, 'it must be a string')
  }
  return params
}

/** Reads a JSON body, which must be an object. Throws the service's error for any other body. */
export function parseJsonObject(contentType: string | undefined, body: string): Record<string, unknown> {
  if (mediaType(contentType) !== 'application/json') {
    throw wrongFormat('Content-Type', 'it must be application/json')
  }
  let data: unknown
  try {
    data = JSON.parse(body)
  } catch {
    throw invalidJson()
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw invalidJson()
  return { ...data }
}

/** Returns a parameter. Throws the service's error if it is missing or empty. */
export function required(params: Params, name: string): string {
  const value = params.get(name)
  if (value === undefined) throw missing(name)
  if (value === '') throw empty(name)
  return value
}

/** Returns the media type of a content type, without its parameters. */
export function mediaType(contentType: string | undefined): string | undefined {
  return contentType?.split(';')[0]?.trim().toLowerCase()
}

/** Returns the error for a parameter that is given more than once. */
export function duplicated(name: string): ServiceError {
  if (isKnownParam(name)) return wrongFormat(name, 'it is given more than once')
  // If a body was sent in the wrong format, a secret may be parsed as a parameter name.
  return new ServiceError(400, 'InvalidParameterWrongFormat', 'A parameter is given more than once.')
}

function invalidJson(): ServiceError {
  return new ServiceError(400, 'InvalidRequestJSONFormat', 'The request body is not a JSON object.')
}

/** The size limit of a body, in bytes. The vendor does not document the limit of the service. */
const maxBytes = 1_000_000

/** Reads the body of a request. Stops reading at 1 MB and returns undefined for a larger body. */
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
