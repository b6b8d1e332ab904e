import { describe, invalidParameter } from './invalid-parameter.ts'

/**
 * Checks the base URL of an endpoint and gives it back without a trailing slash.
 *
 * Plain `http:` is refused unless the host is this machine or `allowInsecure` is set: the requests carry secrets.
 */
export function parseEndpoint(name: string, value: unknown, allowInsecure: boolean): string {
  const wanted = 'a URL such as https://{domain_id}.api.aliyunpds.com'
  if (typeof value !== 'string' || value === '') {
    throw invalidParameter(`${name} must be ${wanted}, got ${describe(value)}`)
  }
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !['https:', 'http:'].includes(url.protocol)) {
    throw invalidParameter(`${name} is not ${wanted}`)
  }
  if (url.username || url.password || url.search || url.hash) {
    throw invalidParameter(`${name} must be a URL without user, query and fragment`)
  }
  if (/^(undefined|null|)\./.test(url.hostname)) {
    throw invalidParameter(`${name} is ${url.origin}: the domain id had no value when the URL was built`)
  }
  if (url.protocol === 'http:' && !allowInsecure && !isLoopback(url.hostname)) {
    throw invalidParameter(
      `${name} is ${url.origin}: secrets are sent over https: only. Use https:, or set allowInsecure to accept the risk`,
    )
  }
  return (url.origin + url.pathname).replace(/\/+$/, '')
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}
