import { authorizePath } from '../routes/authorization-request.ts'
import { metadataPaths, revocationPath } from '../routes/server-metadata.ts'
import { isKnownParam, publicParams, secretNames } from './known-fields.ts'
import { fingerprint, redact, shorten } from './redact.ts'

export type Fields = Record<string, unknown>

/** The maximum number of fields that the log keeps of a request or a response. */
const maxFields = 50
/** The minimum length of a secret that is replaced in a message. Shorter ones occur in many ordinary words. */
const minSecretLength = 6

/** Redacts all values except those of public names. Also redacts names, except public names and names of secrets. */
export async function redactFields(fields: Fields, publicNames: ReadonlySet<string>): Promise<Fields> {
  const entries = Object.entries(fields)
    .slice(0, maxFields)
    .map(async ([name, value]) => {
      if (publicNames.has(name) && typeof value === 'string') return [name, shorten(value)]
      if (publicNames.has(name) && typeof value !== 'object') return [name, value]
      const isNameShown = publicNames.has(name) || secretNames.has(name)
      return [isNameShown ? name : await redact(name), await redact(value)]
    })
  return Object.fromEntries(await Promise.all(entries))
}

/** Redacts the parameters of a request. */
export async function redactParams(params: Fields): Promise<Fields> {
  const { redirect_uri } = params
  const shown = typeof redirect_uri === 'string' && { redirect_uri: await redactUrl(redirect_uri) }
  return redactFields({ ...params, ...shown }, publicNamesOf(params))
}

/** Redacts the query, the fragment and the user information of a URL. The URL may be invalid. */
export async function redactUrl(url: string): Promise<string> {
  const [, base = '', query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(url) ?? []
  const params = new URLSearchParams(query)
  const publicNames = publicNamesOf(Object.fromEntries(params))
  const redacted = new URLSearchParams()
  for (const [name, value] of [...params].slice(0, maxFields)) {
    const shown = name === 'redirect_uri' ? await redactUrl(value) : value
    redacted.append(
      isKnownParam(name) ? name : await fingerprint(name),
      publicNames.has(name) ? shown : await fingerprint(value),
    )
  }
  return shorten(
    [
      withoutUser(base),
      ...(query === undefined ? [] : ['?', String(redacted)]),
      ...(fragment === undefined ? [] : ['#', await fingerprint(fragment)]),
    ].join(''),
  )
}

function withoutUser(base: string): string {
  const start = base.indexOf('//') + 2
  const end = base.lastIndexOf('@')
  return start >= 2 && end > start ? `${base.slice(0, start)}***${base.slice(end)}` : base
}

/** Returns the secrets of a request that a logged message must not contain. */
export function secretsOf(params: Fields): string[] {
  const publicNames = publicNamesOf(params)
  return Object.entries(params)
    .flatMap(([name, value]) => [
      ...(isKnownParam(name) ? [] : [name]),
      ...(typeof value === 'string' && !publicNames.has(name) ? [value] : []),
    ])
    .filter(({ length }) => length >= minSecretLength)
}

/** Replaces secrets in a text with their fingerprints. */
export async function redactText(text: string, secrets: readonly string[]): Promise<string> {
  let redacted = text
  for (const secret of secrets) {
    if (redacted.includes(secret)) redacted = redacted.replaceAll(secret, await fingerprint(secret))
  }
  return redacted
}

function publicNamesOf(params: Fields): ReadonlySet<string> {
  // Without S256 the challenge is the code verifier itself (RFC 7636 section 4.2).
  if (params.code_challenge_method === 'S256') return publicParams
  return new Set([...publicParams].filter((name) => name !== 'code_challenge'))
}

const calls = [
  authorizePath,
  '/v2/oauth/token',
  revocationPath,
  '/v2/account/token',
  '/v2/account/revoke',
  '/v2/user/get',
  ...metadataPaths,
]

/**
 * Redacts possible secrets in a path: everything below the path of a known call, and in other paths each segment that
 * is not a plain lowercase word. The service's own paths consist of such words.
 */
export async function redactPath(path: string): Promise<string> {
  const call = calls.find((known) => path === known || path.startsWith(`${known}/`))
  if (call === path) return path
  if (call !== undefined) return `${call}/${await fingerprint(path.slice(call.length + 1))}`
  const segments = path
    .split('/')
    .map((segment) => (/^(v\d|[a-z_]{0,24})$/.test(segment) ? segment : fingerprint(segment)))
  return shorten((await Promise.all(segments)).join('/'))
}
