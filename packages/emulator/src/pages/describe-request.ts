import type { LoggedRequest } from '../log/request-log.ts'
import type { Texts } from './texts.ts'

/** The texts of a row of the live page, by the names of their elements. Absent facts are undefined. */
export interface RequestDescription {
  tone: 'good' | 'bad'
  texts: Record<'call' | 'outcome' | 'json', string> &
    Record<keyof Texts['live']['facts'], string | undefined>
}

/** Describes a request for people. Must not use anything outside of this function: its source also runs in the page. */
export function describeRequest(entry: LoggedRequest, words: Texts['live']['words']): RequestDescription {
  const { params, rotated, status } = entry
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
  return {
    tone: status === 0 || status >= 400 || entry.error ? 'bad' : 'good',
    texts: {
      call: `${entry.method} ${entry.path}`,
      outcome: [status === 0 ? words.noResponse : status, entry.error].filter(Boolean).join(' '),
      grant: entry.grant,
      client_id: entry.client_id,
      user_id: entry.user_id,
      fault: entry.fault,
      code: used(params.code) ?? changed(issuedCode ? { new: issuedCode } : undefined),
      access_token: changed(rotated?.access_token) ?? used(entry.authorization),
      refresh_token: changed(rotated?.refresh_token) ?? used(params.refresh_token),
      json: JSON.stringify(entry, null, 2),
    },
  }
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
