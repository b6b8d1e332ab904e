import { invalidParameter, mustBe } from '../errors/invalid-parameter.ts'
import type { PDSError } from '../errors/pds-error.ts'
import { hasPlaceholder, parseUrl } from './endpoint.ts'

/**
 * Creates the error for an invalid endpoint: what is wrong with it, and what to write. `wants` are the valid values.
 *
 * `version` is the path that each call adds to a base URL, and undefined for a URL that may have a path.
 */
export function endpointError(name: string, wants: string, value: unknown, version?: string): PDSError {
  const flaw = flawOf(value, version)
  return flaw === undefined ? mustBe(name, wants, value) : invalidParameter(`${name} ${flaw}`)
}

function flawOf(value: unknown, version: string | undefined): string | undefined {
  const isBase = version !== undefined
  if (isBase && typeof value === 'string' && value !== '' && !value.includes('://')) {
    return 'must start with https://, for example https://bj1.api.aliyunpds.com (received a string without https://)'
  }
  const url = parseUrl(value)
  if (!url) return undefined
  const { origin, hostname, pathname } = url
  if (hasPlaceholder(url)) return `is ${origin}: replace '${hostname.split('.')[0]}' with your domain id`
  const [, rest] = new RegExp(`^(.*)/${version}/*$`).exec(pathname) ?? []
  if (!version || rest === undefined) return undefined
  return `ends with /${version}, which the option version adds: write ${origin + rest}`
}
