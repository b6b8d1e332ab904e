import { isPDSError } from '@pds/core'

/** What a failure means to the user of the page. */
export interface Explanation {
  /** What happened: one sentence. */
  what: string
  /** What the user can do: a sentence, or empty. */
  advice: string
  /** What the page offers to do. */
  remedy: Remedy | undefined
}

/** Retry, delete the stored session, or sign in with a popup, which needs no storage. */
type Remedy = 'retry' | 'delete' | 'popup'

type Texts = Readonly<Record<string, readonly [what: string, advice: string]>>

const unknownSignIn = [
  'This sign-in was not started in this tab, or was already used.',
  'It was rejected for your safety. Sign in again.',
] as const
const unreachable = ['The service cannot be reached.', 'Check your network and try again.'] as const

/** By error code. The page shows only these texts, never text from a server or a URL. */
const texts: Texts = {
  access_denied: ['You did not allow access, so you are not signed in.', ''],
  InvalidParameterExpired: ['The sign-in took too long: it is valid for a few minutes.', 'Sign in again.'],
  SignInNotBegun: unknownSignIn,
  StateMismatch: unknownSignIn,
  StateMissing: unknownSignIn,
  StateRepeated: unknownSignIn,
  RedirectUriMismatch: unknownSignIn,
  PopupBlocked: ['The browser blocked the window.', 'Allow popups for this page, or sign in without one.'],
  PopupClosed: ['The window was closed before you signed in.', ''],
  Aborted: ['Cancelled.', ''],
  NetworkError: unreachable,
  Timeout: unreachable,
  StoreFailed: ['This browser did not store your sign-in.', 'Its storage may be full or blocked.'],
  UnsupportedEnvironment: [
    'This browser does not let the page store a sign-in.',
    'Sign in in a popup, or allow the page to store data.',
  ],
  DecryptionFailed: ['The sign-in that this browser stored cannot be read.', 'Delete it, and sign in again.'],
}

const remedies: Readonly<Record<string, Remedy>> = {
  NetworkError: 'retry',
  Timeout: 'retry',
  StoreFailed: 'retry',
  UnsupportedEnvironment: 'popup',
  DecryptionFailed: 'delete',
}

/** By the cause of `LoginRequired`. */
const loginRequiredTexts: Texts = {
  no_token: ['You are not signed in.', ''],
  signed_out: ['You are signed out.', ''],
  expired: ['Your sign-in has expired.', 'Sign in again.'],
  rejected: ['The service has ended your sign-in.', 'Sign in again.'],
  lost_response: ['Your sign-in was lost because a response did not arrive.', 'Sign in again.'],
}

/** Explains an error to the user, without any secret. */
export function explainError(error: unknown): Explanation {
  // fetch rejects with a TypeError if it gets no response.
  if (error instanceof TypeError) return explain(unreachable, 'retry')
  if (!isPDSError(error)) return explain(['An unexpected error occurred.', 'Reload the page.'])
  const { code, cause, status = 0, reqId } = error
  if (code === 'LoginRequired')
    return explain(loginRequiredTexts[String(cause)] ?? ['You have to sign in.', ''])
  const known = texts[code]
  if (known) return explain(known, remedies[code])
  if (isBusy(status)) return explain(['The service is busy.', 'Try again in a moment.'], 'retry')
  const requestId = reqId === undefined ? '' : ` Request ID: ${reqId}.`
  return explain(['The service rejected the request.', `Sign in again.${requestId}`])
}

/** Explains a response of the API with an error status. */
export function explainStatus(status: number): Explanation {
  const what = `The API responded with ${status}.`
  if (status === 401) return explain([what, 'Sign out, and sign in again.'])
  return isBusy(status) ? explain([what, 'Try again in a moment.'], 'retry') : explain([what, ''])
}

function isBusy(status: number): boolean {
  return status === 429 || status >= 500
}

function explain([what, advice]: readonly [string, string], remedy?: Remedy): Explanation {
  return { what, advice, remedy }
}
