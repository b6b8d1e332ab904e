import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { validQuery } from '../pages/browser.test-helper.ts'

/** A text that pages must escape. */
export const hostile = '"><script>alert(1)</script>'
export const hostileId = `id'${hostile}`

/** Starts a domain with several users and applications, including some whose names pages must escape. */
export function startTestDomain(): Promise<RunningEmulator> {
  return startEmulator({
    users: [
      { user_id: 'ann', user_name: 'Ann' },
      { user_id: 'bob' },
      { user_id: hostileId, user_name: `name${hostile}` },
    ],
    apps: [
      { type: 'jwt', client_id: 'jwt-app' },
      {
        type: 'webserver',
        client_id: 'webserver-app',
        client_secret: 'webserver-app-secret',
        redirect_uris: [validQuery.redirect_uri],
      },
      {
        type: 'native',
        client_id: hostileId,
        name: `app${hostile}`,
        redirect_uris: ['com.example.app:/callback'],
      },
    ],
  })
}
