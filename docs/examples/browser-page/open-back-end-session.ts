import { PDSError } from '@pds/core'
import { createSession, type Session } from '@pds/session'

/** A session whose tokens come from the page's own back end, which knows its user by a cookie. */
export function openBackEndSession(api_endpoint: string): Session {
  return createSession({
    key: 'me',
    grant: {
      async obtain({ rejected, signal }) {
        const answer = await fetch('/api/pds-token', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ rejected }),
          signal,
        })
        if (answer.ok) return answer.json()
        if (answer.status === 401) {
          throw new PDSError('the back end wants a login', { code: 'LoginRequired', outcome: 'answered' })
        }
        throw new Error(`the back end answered with ${answer.status}`)
      },
    },
    // Where the session may send the token.
    origins: [api_endpoint],
  })
}
