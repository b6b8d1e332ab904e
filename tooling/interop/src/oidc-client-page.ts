import { UserManager, WebStorageStateStore } from 'oidc-client-ts'

/* The script of a page with oidc-client-ts. */

/** Creates the client of the page. */
export function create(authority: string, scope: string): UserManager {
  return new UserManager({
    authority,
    client_id: 'browser-app',
    redirect_uri: `${location.origin}/callback`,
    scope,
    userStore: new WebStorageStateStore({ store: sessionStorage }),
  })
}
