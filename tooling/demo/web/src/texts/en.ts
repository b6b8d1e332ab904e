/* The English texts of the page. Functions receive the values to insert. */

const en = {
  lang: 'en',
  name: 'My drive',
  skip: 'Skip to the content',
  otherLanguage: '中文',
  log: 'Service log',
  newTab: '(opens in a new tab)',
  loading: 'Looking for your session…',
  footer:
    'This application and its service run on your machine. All data is in memory, and no request leaves it.',
  dismiss: 'Close the message',

  welcome: {
    title: 'Sign in once. Every tab stays signed in.',
    lead: 'This application has a back end that signs its users in, keeps their sessions and renews their tokens. The page gets access tokens only.',
    signIn: 'Sign in',
    users: 'Choose one of three users. No password is needed.',
    code: 'The whole back end for PDS',
    facts: [
      {
        title: 'Secrets stay on the server',
        text: 'The page keeps an access token in memory. The refresh token and the client secret never leave the back end.',
      },
      {
        title: 'One renewal for all tabs',
        text: 'A renewal invalidates the old token. The back end renews each token once, before it expires, and gives it to every tab.',
      },
      {
        title: 'Clear errors',
        text: 'If the service is busy, unreachable or ends a session, the page says what happened and what to do.',
      },
    ],
  },

  failed: { title: 'Your session could not be loaded' },

  profile: {
    unnamed: 'Unnamed user',
    id: 'ID',
    role: 'Role',
    roles: { user: 'User', admin: 'Administrator', superadmin: 'Super administrator' },
    unknown: 'unknown',
    secondTab: 'Open a second tab',
    signOut: 'Sign out',
  },

  token: {
    title: 'Access token',
    left: 'Time left',
    hours: (hours: number, minutes: number) => `${hours} h ${minutes} min`,
    expired: 'Expired',
    expiresAt: 'Expires at',
    fingerprint: 'Fingerprint',
    fingerprintNote: 'first digits of its SHA-256',
    renew: 'Renew now',
    renewNote: 'The page reports the token as rejected, and the back end renews it.',
    renewWait: (seconds: number) => `The token is new. You can renew it again in ${seconds} s.`,
  },

  api: {
    title: 'API of the service',
    choose: 'What to call',
    calls: { user: 'Get the user', drives: 'List the drives' },
    call: 'Call the API',
    empty: 'No response yet. The page sends the request straight to the service, with its access token.',
    response: 'Response of the API',
    noBody: 'The response has no body.',
    duration: (milliseconds: number) => `${milliseconds} ms`,
  },

  stats: {
    title: 'Sessions of the back end',
    names: { open: 'Open', renewing: 'Renewing', waiting: 'Waiting', failed: 'Failed renewals' },
  },

  activity: {
    title: 'Activity',
    entries: 'Recent events, newest first',
    times: (text: string, times: number) => `${text} (${times} times)`,
    received: 'The back end gave this tab a token.',
    renewed: 'This tab has a new token.',
    called: (path: string, status: number) => `${path}: ${status}`,
    renewedElsewhere: 'Another tab renewed the token.',
    signedInElsewhere: 'You signed in in another tab.',
    signedOutElsewhere: 'You signed out in another tab.',
    ended: 'Your session has ended.',
  },

  done: {
    called: (status: number) => `The API responded with ${status}.`,
    renewed: 'The token was renewed.',
    signedOut: 'You are signed out.',
    signedIn: (name: string) => `You are signed in as ${name}.`,
  },

  busy: { calling: 'Calling the API…', renewing: 'Renewing the token…', signingOut: 'Signing out…' },

  remedies: { retry: 'Try again', reload: 'Reload the page' },
  requestId: (id: string) => `Request ID: ${id}`,

  /** What happened, and what the user can do. */
  errors: {
    denied: ['You did not allow access, so you are not signed in.', ''],
    signInExpired: ['The sign-in took too long: it is valid for a few minutes.', 'Sign in again.'],
    signInUnknown: [
      'This sign-in was not started in this browser, or was already used.',
      'It was rejected for your safety. Sign in again.',
    ],
    signInFailed: ['The sign-in failed.', 'Sign in again.'],
    unreachable: ['The service cannot be reached.', 'Check your network and try again.'],
    busy: ['The service is busy.', 'Try again in a moment.'],
    throttled: ['The token was renewed a moment ago.', 'Try again in half a minute.'],
    rejectedToken: ['The service does not accept your token.', 'Sign out, and sign in again.'],
    rejected: ['The service rejected the request.', 'Sign in again if this continues.'],
    sessionRejected: ['The service has ended your sign-in.', 'Sign in again.'],
    sessionExpired: ['Your sign-in has expired.', 'Sign in again.'],
    sessionLost: ['Your sign-in was lost because a response did not arrive.', 'Sign in again.'],
    sessionEnded: ['You are no longer signed in.', 'Sign in again.'],
    signOutUnconfirmed: [
      'This tab is signed out, but the back end did not confirm it.',
      'It may still know you, so try again.',
    ],
    unexpected: ['An unexpected error occurred.', 'Reload the page.'],
  },
}

/** The texts of a language. */
export type Texts = typeof en

export const english: Texts = en
