import { mustBe } from '@pds/core/internal'

/** The request of Express, Fastify or Node.js: its headers by lower-case name. */
export interface RequestLike {
  /** The headers. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** Returns a `Request` with the headers of a request of any framework. `origin` is the origin of the application. */
export function toRequest(given: Request | Headers | RequestLike, origin = 'http://localhost'): Request {
  // Not instanceof: the objects may be of another realm, or of a subclass.
  if (isHeaders(Object(given).headers)) return given as Request
  const headers: unknown = isHeaders(given) ? given : Object(given).headers
  if (typeof headers !== 'object' || headers === null) {
    throw mustBe('sessionOf: request', 'a Request, its headers, or a request of Node.js', given)
  }
  const entries = isHeaders(headers) ? [...headers] : Object.entries(headers).flatMap(toTexts)
  return new Request(origin, { headers: entries })
}

function isHeaders(value: unknown): value is Headers {
  const { get, entries } = Object(value)
  return typeof get === 'function' && typeof entries === 'function'
}

/** HTTP/2 has pseudo-headers such as `:path`. */
function toTexts([name, value]: [string, unknown]): [string, string][] {
  return name.startsWith(':') ? [] : [value ?? []].flat().map((text) => [name, String(text)])
}
