import { isPDSError } from '@pds/core'

/** What a failure means to who uses the page. */
export interface Explanation {
  /** What has happened: a sentence. */
  what: string
  /** What to do now: a sentence, or empty. */
  advice: string
  /** What the page can do about it at once. */
  remedy: Remedy | undefined
}

/** To do the same thing again, to forget what the browser keeps, or to sign in without what a redirect needs. */
type Remedy = 'again' | 'forget' | 'popup'

type Texts = Readonly<Record<string, readonly [what: string, advice: string]>>

const foreign = [
  'This sign-in was not begun in this tab, or was used before.',
  'For your safety it was not taken: sign in again.',
] as const
const unreachable = ['The service cannot be reached.', 'Check your network, and try again.'] as const

/** By code, so that nothing of what a server or an address says reaches the page. */
const texts: Texts = {
  access_denied: ['You did not allow access, so you are not signed in.', ''],
  InvalidParameterExpired: ['That took too long: a sign-in is good for a few minutes.', 'Sign in again.'],
  SignInNotBegun: foreign,
  StateMismatch: foreign,
  StateMissing: foreign,
  StateRepeated: foreign,
  RedirectUriMismatch: foreign,
  PopupBlocked: ['The browser blocked the window.', 'Allow popups for this page, or sign in without one.'],
  PopupClosed: ['The window was closed before you had signed in.', ''],
  Aborted: ['Cancelled.', ''],
  NetworkError: unreachable,
  Timeout: unreachable,
  StoreFailed: ['This browser did not keep your sign-in.', 'Its storage may be full or blocked.'],
  UnsupportedEnvironment: [
    'This browser does not let the page keep a sign-in.',
    'Sign in in a popup, or allow the page to store data.',
  ],
  DecryptionFailed: ['The sign-in that this browser keeps cannot be read.', 'Forget it, and sign in again.'],
}

const remedies: Readonly<Record<string, Remedy>> = {
  NetworkError: 'again',
  Timeout: 'again',
  StoreFailed: 'again',
  UnsupportedEnvironment: 'popup',
  DecryptionFailed: 'forget',
}

/** By the cause of `LoginRequired`. */
const endings: Texts = {
  no_token: ['You are not signed in.', ''],
  signed_out: ['You are signed out.', ''],
  expired: ['Your sign-in has expired.', 'Sign in again.'],
  rejected: ['The service has ended your sign-in.', 'Sign in again.'],
  lost_response: ['Your sign-in was lost with an answer that did not arrive.', 'Sign in again.'],
}

/** Says what went wrong and what to do, in words that give nothing away. */
export function explainError(error: unknown): Explanation {
  // What fetch rejects with where there is no answer.
  if (error instanceof TypeError) return explain(unreachable, 'again')
  if (!isPDSError(error)) return explain(['This page failed.', 'Load it again.'])
  const { code, cause, status = 0, reqId } = error
  if (code === 'LoginRequired') return explain(endings[String(cause)] ?? ['You have to sign in.', ''])
  const known = texts[code]
  if (known) return explain(known, remedies[code])
  if (isBusy(status)) return explain(['The service is busy.', 'Try again in a moment.'], 'again')
  const quote = reqId === undefined ? '' : ` Its id of the request is ${reqId}.`
  return explain(['The service refused that.', `Sign in again.${quote}`])
}

/** Says what an answer of the API with another status than that of success means. */
export function explainStatus(status: number): Explanation {
  const what = `The API answered with ${status}.`
  if (status === 401) return explain([what, 'Sign out, and sign in again.'])
  return isBusy(status) ? explain([what, 'Try again in a moment.'], 'again') : explain([what, ''])
}

function isBusy(status: number): boolean {
  return status === 429 || status >= 500
}

function explain([what, advice]: readonly [string, string], remedy?: Remedy): Explanation {
  return { what, advice, remedy }
}
