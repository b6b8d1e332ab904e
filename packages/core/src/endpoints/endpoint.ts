import { endpointError } from '#platform'
import { invalidParameter } from '../errors/invalid-parameter.ts'

/**
 * Returns the checked base URL of an endpoint, without a trailing slash. `version` is what each call adds to it.
 *
 * Throws a `PDSError` with code `InvalidParameter`. Requests contain secrets, so `http:` is accepted only for the local
 * machine, or with `allowInsecure`.
 */
export function parseEndpoint(name: string, value: unknown, allowInsecure: boolean, version = ''): string {
  const url = parseUrl(value)
  const path = url?.pathname.replace(/\/+$/, '')
  const isBase = url && !url.search && !url.hash && !(version && path?.endsWith(`/${version}`))
  const wants = 'a URL without user, query and fragment, for example https://bj1.api.aliyunpds.com'
  return checkUrl(name, isBase && url, allowInsecure, wants, value, version).origin + path
}

/**
 * Returns the URL of a path below a base, or an absolute `http(s)://` URL unchanged. `name` names the path in errors.
 */
export function resolvePath(name: string, base: string, path: unknown, allowInsecure: boolean): URL {
  const isPath = typeof path === 'string' && /^\/(?!\/)/.test(path)
  const parsed = parseUrl(isPath ? base + path : path)
  const url = checkUrl(
    name,
    parsed,
    allowInsecure,
    'a path that starts with one /, or a URL without user',
    path,
  )
  url.hash = ''
  return url
}

/** Returns a URL that may receive secrets. Throws `InvalidParameter` for another URL, and for none. */
function checkUrl(
  name: string,
  url: URL | false | undefined,
  allowInsecure: boolean,
  wants: string,
  value: unknown,
  version?: string,
): URL {
  if (!url || !/^https?:$/.test(url.protocol) || hasPlaceholder(url)) {
    throw endpointError(name, wants, value, version)
  }
  if (url.protocol === 'http:' && !allowInsecure && !isLoopback(url.hostname)) {
    throw invalidParameter(
      `${name} is ${url.origin}: secrets are sent over https: only, unless allowInsecure is set`,
    )
  }
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

/** Returns whether a host name is this machine. Many systems ask the network for names below localhost. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}
