import { UserManager, WebStorageStateStore } from 'oidc-client-ts'

/* The script of a page with oidc-client-ts. */

/** Creates the client of the page. */
export function create(authority: string): UserManager {
  return new UserManager({
    authority,
    client_id: 'browser-app',
    redirect_uri: `${location.origin}/callback`,
    // The emulator issues no ID tokens, so the scope must not be openid.
    scope: 'FILE.ALL',
    userStore: new WebStorageStateStore({ store: sessionStorage }),
  })
}
