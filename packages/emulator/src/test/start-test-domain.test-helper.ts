import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { rightQuery } from '../pages/browser.test-helper.ts'

/** What a page must not take for markup. */
export const hostile = '"><script>alert(1)</script>'
export const hostileId = `id'${hostile}`

/** A domain with users and applications of every kind, some of which have names that are no good for a page. */
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
        redirect_uris: [rightQuery.redirect_uri],
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
