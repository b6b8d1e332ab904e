import { isPDSError } from '@pds/core/fetch'
import type { LoginRequiredCause } from '@pds/session'
import type { Texts } from './texts/en.ts'

/** What a failure means to the user. It contains no text, so that the page can change its language. */
export interface Explanation {
  /** The key of the text. The page shows only its own texts, never text from a server or a URL. */
  readonly key: keyof Texts['errors']
  /** What the page offers to do. */
  readonly remedy?: keyof Texts['remedies'] | undefined
  /** Identifies the request to the operator of the service. */
  readonly reqId?: string | undefined
}

const signInCodes: Readonly<Record<string, Explanation['key']>> = {
  access_denied: 'denied',
  InvalidParameterExpired: 'signInExpired',
  temporarily_unavailable: 'busy',
  NetworkError: 'unreachable',
  Timeout: 'unreachable',
  Throttled: 'busy',
}

const loginCauses: Readonly<Partial<Record<LoginRequiredCause, Explanation['key']>>> = {
  expired: 'sessionExpired',
  rejected: 'sessionRejected',
  lost_response: 'sessionLost',
}

/** Explains the code of a failed sign-in, with which the back end redirects to this page. */
export function explainSignIn(code: string, reqId?: string): Explanation {
  if (/^SignInNotBegun$|^(State|Issuer|Code)(Missing|Repeated|Mismatch)$/.test(code))
    return { key: 'signInUnknown' }
  return { key: signInCodes[code] ?? 'signInFailed', reqId }
}

/** Explains why a signed-in user has to sign in again. */
export function explainEnd(cause: LoginRequiredCause | undefined): Explanation {
  return { key: (cause && loginCauses[cause]) ?? 'sessionEnded' }
}

/** Explains an error of the session. */
export function explainError(error: unknown): Explanation {
  // fetch rejects with a TypeError if it gets no response.
  if (error instanceof TypeError) return { key: 'unreachable', remedy: 'retry' }
  // It rejects with a DOMException after a timeout.
  if (error instanceof DOMException) return { key: 'busy', remedy: 'retry' }
  if (!isPDSError(error)) return { key: 'unexpected', remedy: 'reload' }
  const { code, status = 0, reqId } = error
  if (code === 'LoginRequired') return { key: 'sessionEnded' }
  if (code === 'NetworkError' || code === 'Timeout') return { key: 'unreachable', remedy: 'retry' }
  if (status === 429) return { key: 'throttled' }
  return status >= 500 ? { key: 'busy', remedy: 'retry', reqId } : { key: 'rejected', reqId }
}

/** Returns the text of an explanation: what happened, and what the user can do. */
export function explanationText(key: Explanation['key'], { errors, lang }: Texts): string {
  return errors[key].join(lang === 'en' ? ' ' : '').trim()
}

/** Explains the error status of a response of the API. */
export function explainStatus(status: number, reqId: string | undefined): Explanation {
  if (status === 401) return { key: 'rejectedToken', reqId }
  return status === 429 || status >= 500
    ? { key: 'busy', remedy: 'retry', reqId }
    : { key: 'rejected', reqId }
}
