import { PDSError } from '@pds/core'
import { createSession, type Session } from '@pds/session'

/** Opens a session that gets its tokens from the back end of the page, which identifies its user by a cookie. */
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
          throw new PDSError('the back end requires a login', { code: 'LoginRequired', outcome: 'responded' })
        }
        throw new Error(`the back end responded with ${response.status}`)
      },
    },
    // The origins that the session may send the token to.
    origins: [api_endpoint],
  })
}
