import { invalidParameter, mustBe } from '../errors/invalid-parameter.ts'

/**
 * Returns the checked base URL of an endpoint, without a trailing slash.
 *
 * Throws a `PDSError` with code `InvalidParameter`. Requests contain secrets, so `http:` is accepted only for the local
 * machine, or with `allowInsecure`.
 */
export function parseEndpoint(name: string, value: unknown, allowInsecure: boolean): string {
  const url = parse(value)
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) {
    throw mustBe(
      name,
      'a URL without user, query and fragment, for example https://{domain_id}.api.aliyunpds.com',
      value,
    )
  }
  if (/^(undefined|null|)\./.test(url.hostname)) {
    throw invalidParameter(`${name} is ${url.origin}: the domain id is undefined or empty`)
  }
  rejectInsecure(name, url, allowInsecure)
  return (url.origin + url.pathname).replace(/\/+$/, '')
}

/**
 * Returns the URL of a path below a base, or an absolute `http(s)://` URL unchanged. `name` names the path in errors.
 */
export function resolvePath(name: string, base: string, path: unknown, allowInsecure: boolean): URL {
  const text = typeof path === 'string' ? path : ''
  const url = parse(/^https?:\/\//i.test(text) ? text : /^\/(?!\/)/.test(text) && base + text)
  if (!url) throw mustBe(name, 'a path that starts with one /, or an absolute URL without a user', path)
  rejectInsecure(name, url, allowInsecure)
  url.hash = ''
  return url
}

/** Returns the parsed URL, or undefined if it is invalid or contains a user or a password. */
function parse(text: unknown): URL | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const url = new URL(text)
    return url.username || url.password ? undefined : url
  } catch {
    return undefined
  }
}

function rejectInsecure(name: string, { protocol, hostname, origin }: URL, allowInsecure: boolean): void {
  if (protocol === 'http:' && !allowInsecure && !isLoopback(hostname)) {
    throw invalidParameter(
      `${name} is ${origin}: secrets are sent over https: only. Use https:, or set allowInsecure to accept the risk`,
    )
  }
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}
