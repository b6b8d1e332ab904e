import { endpointFlaw } from '#platform'
import { invalidParameter, mustBe } from '../errors/invalid-parameter.ts'

/**
 * Returns the checked base URL of an endpoint, without a trailing slash. `version` is what each call adds to it.
 *
 * Throws a `PDSError` with code `InvalidParameter`. Requests contain secrets, so `http:` is accepted only for the local
 * machine, or with `allowInsecure`.
 */
export function parseEndpoint(name: string, value: unknown, allowInsecure: boolean, version = ''): string {
  const url = parseUrl(value)
  const path = url?.pathname.replace(/\/+$/, '')
  const isValid = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash
  if (!isValid || hasPlaceholder(url) || (version && path?.endsWith(`/${version}`))) {
    if (endpointFlaw(value, version)) throw invalidParameter(`${name} ${endpointFlaw(value, version)}`)
    throw mustBe(
      name,
      'a URL without user, query and fragment, for example https://bj1.api.aliyunpds.com',
      value,
    )
  }
  rejectInsecure(name, url, allowInsecure)
  return url.origin + path
}

/**
 * Returns the URL of a path below a base, or an absolute `http(s)://` URL unchanged. `name` names the path in errors.
 */
export function resolvePath(name: string, base: string, path: unknown, allowInsecure: boolean): URL {
  const text = typeof path === 'string' ? path : ''
  const url = parseUrl(/^https?:\/\//i.test(text) ? text : /^\/(?!\/)/.test(text) && base + text)
  if (!url || hasPlaceholder(url)) {
    if (url && endpointFlaw(text, '')) throw invalidParameter(`${name} ${endpointFlaw(text, '')}`)
    throw mustBe(name, 'a path that starts with one /, or a URL without user', path)
  }
  rejectInsecure(name, url, allowInsecure)
  url.hash = ''
  return url
}

/** Returns the parsed URL, or undefined if it is invalid or contains a user or a password. */
export function parseUrl(text: unknown): URL | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const url = new URL(text)
    return url.username || url.password ? undefined : url
  } catch {
    return undefined
  }
}

/** Returns whether the host has no domain id. A URL may have braces, quotes and dollar signs in its host. */
export function hasPlaceholder({ hostname }: URL): boolean {
  return /^(undefined|null|nan|domain_id|)(\.|$)|[^\w.:[\]-]/.test(hostname)
}

function rejectInsecure(name: string, { protocol, hostname, origin }: URL, allowInsecure: boolean): void {
  if (protocol === 'http:' && !allowInsecure && !isLoopback(hostname)) {
    throw invalidParameter(
      `${name} is ${origin}: secrets are sent over https: only, unless allowInsecure is set`,
    )
  }
}

// Many systems ask the network for names below localhost.
function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}
