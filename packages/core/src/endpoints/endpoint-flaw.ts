import { hasPlaceholder, parseUrl } from './endpoint.ts'

/**
 * Returns what is wrong with an invalid endpoint and what to write, in the words that follow its name, or undefined if
 * it is no URL. `version` is the path that each call adds.
 */
export function endpointFlaw(value: unknown, version: string): string | undefined {
  if (typeof value === 'string' && value !== '' && !value.includes('://')) {
    return 'must start with https://, for example https://bj1.api.aliyunpds.com (received a string without https://)'
  }
  const url = parseUrl(value)
  if (!url) return undefined
  const { origin, hostname, pathname } = url
  if (hasPlaceholder(url)) return `is ${origin}: replace '${hostname.split('.')[0]}' with your domain id`
  const [, rest] = new RegExp(`^(.*)/${version}/*$`).exec(pathname) ?? []
  if (version === '' || rest === undefined) return undefined
  return `ends with /${version}, which the option version adds: write ${origin + rest}`
}
