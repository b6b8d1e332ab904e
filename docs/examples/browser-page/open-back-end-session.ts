import { PDSError } from '@pds/core'
import { createSession, type Session } from '@pds/session'

/** A session whose tokens come from the page's own back end, which knows its user by a cookie. */
export function openBackEndSession(api_endpoint: string): Session {
  return createSession({
    key: 'me',
    grant: {
      async obtain({ rejected, signal }) {
        const response = await fetch('/api/pds-token', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ rejected }),
          signal,
        })
        if (response.ok) return response.json()
        if (response.status === 401) {
          throw new PDSError('the back end wants a login', { code: 'LoginRequired', outcome: 'responded' })
        }
        throw new Error(`the back end answered with ${response.status}`)
      },
    },
    // Where the session may send the token.
    origins: [api_endpoint],
  })
}
