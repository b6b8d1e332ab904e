import type { LoggedRequest } from '../log/request-log.ts'
import type { Texts } from './texts.ts'

/** The texts of a row of the live page, by the names of their elements. Absent facts are undefined. */
export interface RequestDescription {
  tone: 'ok' | 'alert'
  texts: Record<'call' | 'outcome' | 'json', string> &
    Record<keyof Texts['live']['facts'], string | undefined>
}

/**
 * Describes the requests of a row for people: one request, or the requests of one sign-in. Must not use anything outside
 * of this function: its source also runs in the page.
 */
export function describeRequests(
  entries: readonly LoggedRequest[],
  words: Texts['live']['words'],
): RequestDescription {
  const entry = entries.at(-1) as LoggedRequest
  const { params, rotated, status } = entry
  const latest = (name: 'client_id' | 'user_id' | 'fault') => entries.findLast((each) => each[name])?.[name]
  const fingerprintOf = (text: unknown) => /\*{3}([\w-]{8})\*{3}/.exec(String(text))?.[1]
  const used = (text: unknown) => {
    const fingerprint = fingerprintOf(text)
    return fingerprint && `${fingerprint} ${words.used}`
  }
  const changed = (change: { old?: string; new?: string } | undefined) => {
    const old = fingerprintOf(change?.old)
    const next = fingerprintOf(change?.new)
    if (old && next) return `${old} → ${next}`
    return next ? `${next} ${words.issued}` : old && `${old} ${words.revoked}`
  }
  const issuedCode = /[?&]code=(\*{3}[\w-]{8}\*{3})/.exec(String(entry.response))?.[1]
  const deviations = [...new Set(entries.flatMap((each) => each.deviations ?? []))]
  return {
    tone: status === 0 || status >= 400 || entry.error ? 'alert' : 'ok',
    texts: {
      call: `${entry.method} ${entry.path}`,
      outcome: [status === 0 ? words.noResponse : status, entry.error].filter(Boolean).join(' '),
      requests: entries.length > 1 ? String(entries.length) : undefined,
      grant: entry.grant,
      client_id: latest('client_id'),
      user_id: latest('user_id'),
      fault: latest('fault'),
      deviations: deviations.join('; ') || undefined,
      code: used(params.code) ?? changed(issuedCode ? { new: issuedCode } : undefined),
      access_token: changed(rotated?.access_token) ?? used(entry.authorization),
      refresh_token: changed(rotated?.refresh_token) ?? used(params.refresh_token),
      json: JSON.stringify(entries.length > 1 ? entries : entry, null, 2),
    },
  }
}

/**
 * Returns what identifies the sign-in of a request to the sign-in pages: the parameters of the authorization request.
 * Returns undefined for other requests. Must not use anything outside of this function: its source also runs in the page.
 */
export function signInOf({ path, params }: LoggedRequest): string | undefined {
  if (path !== '/v2/oauth/authorize') return undefined
  const { prompt, csrf_token, decision, user_id, ...request } = params
  return JSON.stringify(request)
}

/**
 * Checks whether a request ends its sign-in: its response redirects to the application. Must not use anything outside of
 * this function: its source also runs in the page.
 */
export function endsSignIn({ response }: LoggedRequest): boolean {
  return typeof response === 'string' && /[?&](code|error)=/.test(response)
}

/** Groups the requests of each sign-in. Returns one group for each row, in the order of their last requests. */
export function groupRequests(entries: readonly LoggedRequest[]): LoggedRequest[][] {
  const groups = new Set<LoggedRequest[]>()
  const open = new Map<string, LoggedRequest[]>()
  for (const entry of entries) {
    const signIn = signInOf(entry)
    const group = open.get(signIn ?? '') ?? []
    group.push(entry)
    // The group moves to the end.
    groups.delete(group)
    groups.add(group)
    if (signIn === undefined) continue
    if (endsSignIn(entry)) open.delete(signIn)
    else open.set(signIn, group)
  }
  return [...groups]
}

/**
 * Returns the local time of day of a time in milliseconds since the epoch. Must not use anything outside of this
 * function: its source also runs in the page.
 */
export function timeOf(milliseconds: number): string {
  const at = new Date(milliseconds)
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}
