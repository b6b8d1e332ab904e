import { invalidParameter, mustBe } from './invalid-parameter.ts'

/**
 * Checks the base URL of an endpoint and gives it back without a trailing slash.
 *
 * Plain `http:` is refused unless the host is this machine or `allowInsecure` is set: the requests carry secrets.
 */
export function parseEndpoint(name: string, value: unknown, allowInsecure: boolean): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw mustBe(
      name,
      'a URL such as https://{domain_id}.api.aliyunpds.com, without user, query and fragment',
      value,
    )
  }
  if (/^(undefined|null|)\./.test(url.hostname)) {
    throw invalidParameter(`${name} is ${url.origin}: the domain id had no value when the URL was built`)
  }
  refuseInsecure(name, url, allowInsecure)
  return (url.origin + url.pathname).replace(/\/+$/, '')
}

/** The address that a path after a base has, or a full `http(s)://` address as it is; `name` is what errors call it. */
export function resolvePath(name: string, base: string, path: unknown, allowInsecure: boolean): URL {
  const text = typeof path === 'string' ? path : ''
  const address = /^https?:\/\//i.test(text) ? text : /^\/(?!\/)/.test(text) ? base + text : ''
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || url.username || url.password) {
    throw mustBe(name, 'a path that begins with one /, or a full address without a user', path)
  }
  refuseInsecure(name, url, allowInsecure)
  url.hash = ''
  return url
}

function refuseInsecure(name: string, { protocol, hostname, origin }: URL, allowInsecure: boolean): void {
  if (protocol === 'http:' && !allowInsecure && !isLoopback(hostname)) {
    throw invalidParameter(
      `${name} is ${origin}: secrets are sent over https: only. Use https:, or set allowInsecure to accept the risk`,
    )
  }
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}
