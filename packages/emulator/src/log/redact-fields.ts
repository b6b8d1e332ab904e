import { authorizePath } from '../routes/authorization-request.ts'
import { isKnownParam, publicParams, secretNames } from './known-fields.ts'
import { fingerprint, redact, shorten } from './redact.ts'

export type Fields = Record<string, unknown>

/** How many fields of a request or an answer the log keeps. */
const maxFields = 50
/** What is shorter is a part of many words. */
const minHidden = 6

/** Masks every field but those of public names; of the others a name is shown only if it is that of a secret. */
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

/** Masks the parameters of a request. */
export async function redactParams(params: Fields): Promise<Fields> {
  const { redirect_uri } = params
  const shown = typeof redirect_uri === 'string' && { redirect_uri: await redactUrl(redirect_uri) }
  return redactFields({ ...params, ...shown }, publicNamesOf(params))
}

/** Masks the query, the fragment and the user of an address, which need not be a valid one. */
export async function redactUrl(address: string): Promise<string> {
  const [, base = '', query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(address) ?? []
  const params = new URLSearchParams(query)
  const publicNames = publicNamesOf(Object.fromEntries(params))
  const redacted = new URLSearchParams()
  for (const [name, value] of [...params].slice(0, maxFields)) {
    const isAddress = name === 'redirect_uri'
    const shown = isAddress ? await redactUrl(value) : value
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

/** The strings of a request that a message must not repeat. */
export function secretsOf(params: Fields): string[] {
  const publicNames = publicNamesOf(params)
  return Object.entries(params)
    .flatMap(([name, value]) => [
      ...(isKnownParam(name) ? [] : [name]),
      ...(typeof value === 'string' && !publicNames.has(name) ? [value] : []),
    ])
    .filter(({ length }) => length >= minHidden)
}

/** A text with each of some secrets masked. */
export async function redactText(text: string, secrets: readonly string[]): Promise<string> {
  let hidden = text
  for (const secret of secrets) {
    if (hidden.includes(secret)) hidden = hidden.replaceAll(secret, await fingerprint(secret))
  }
  return hidden
}

function publicNamesOf(params: Fields): ReadonlySet<string> {
  // Without S256 the challenge is the code verifier itself (RFC 7636 section 4.2).
  if (params.code_challenge_method === 'S256') return publicParams
  return new Set([...publicParams].filter((name) => name !== 'code_challenge'))
}

const calls = [authorizePath, '/v2/oauth/token', '/v2/account/token', '/v2/account/revoke', '/v2/user/get']

/**
 * Masks what may be a secret in a path: all that is below a call, and of the paths of unknown calls what is no plain
 * word, as the service's paths consist of.
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
