import { invalidParameter, mustBe } from '../errors/invalid-parameter.ts'

/**
 * Checks the base URL of an endpoint and gives it back without a trailing slash.
 *
 * Plain `http:` is refused unless the host is this machine or `allowInsecure` is set: the requests carry secrets.
 */
export function parseEndpoint(name: string, value: unknown, allowInsecure: boolean): string {
  const url = parse(value)
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) {
    throw mustBe(
      name,
      'a URL such as https://{domain_id}.api.aliyunpds.com, without user, query and fragment',
      value,
    )
  }
  if (/^(undefined|null|)\./.test(url.hostname)) {
    throw invalidParameter(`${name} is ${url.origin}: the domain id had no value when the URL was built`)
  }
  rejectInsecure(name, url, allowInsecure)
  return (url.origin + url.pathname).replace(/\/+$/, '')
}

/** The address that a path after a base has, or a full `http(s)://` address as it is; `name` is what errors call it. */
export function resolvePath(name: string, base: string, path: unknown, allowInsecure: boolean): URL {
  const text = typeof path === 'string' ? path : ''
  const url = parse(/^https?:\/\//i.test(text) ? text : /^\/(?!\/)/.test(text) && base + text)
  if (!url) throw mustBe(name, 'a path that begins with one /, or a full address without a user', path)
  rejectInsecure(name, url, allowInsecure)
  url.hash = ''
  return url
}

/** A URL without user and password, undefined for anything else. */
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
