import type { IPDSRequestConfig, PDSError } from '@pds/core'
import type { IAuthorizationReq, IGetTokenByCodeReq } from '@pds/types'

/**
 * The parameters of `signInWithBrowser`: those of `createAuthorizationUrl`, but the redirect URI has a default, the state is
 * always random, and PKCE cannot be turned off.
 */
export type BrowserSignInParams = Omit<
  IAuthorizationReq,
  'redirect_uri' | 'redirect_url' | 'state' | 'pkce'
> &
  Pick<IGetTokenByCodeReq, 'client_secret' | 'client_auth'> & {
    /**
     * The registered redirect URI: `http:`, with the host `127.0.0.1`, `[::1]` or `localhost`. Without a port, or with the
     * option `ports`, it gets the port of the server. Default: `http://127.0.0.1/callback`.
     */
    redirect_uri?: string | undefined
  }

/** What the page that the browser shows after the callback has to say. */
export interface SignInPage {
  /** Why the sign-in failed. Absent after a sign-in. */
  error?: PDSError | undefined
  /** The language of the browser: Chinese if the user prefers it to English, otherwise English. */
  language: 'en' | 'zh'
}

/** What `openBrowser` may return about the browser that it started. */
export interface OpenedBrowser {
  /**
   * Resolves when the user closed the browser. The sign-in then rejects with code `BrowserClosed`, unless the callback has
   * arrived. If it rejects, `onAddress` is called with the reason, and the sign-in continues.
   */
  closed: Promise<unknown>
}

/**
 * The options of `signInWithBrowser`. The options of a request, except `signal` and `timeout`, apply to the token request
 * only.
 */
export interface SignInWithBrowserOptions extends IPDSRequestConfig {
  /** Aborts the sign-in, which then rejects with code `Aborted`. */
  signal?: AbortSignal | undefined
  /**
   * How long to wait for the user, in milliseconds, before the sign-in rejects with code `Timeout`. 0 means no limit.
   * Default: 600,000 (10 minutes). The token request has the `timeout` of the transport.
   */
  timeout?: number | undefined
  /**
   * Opens an `http:` or `https:` URL in a browser, or `false` to open none. If it rejects, `onAddress` is called with the
   * reason, and the sign-in continues: the user can open the printed address. Default: `open` of npm, which starts the
   * user's browser.
   */
  openBrowser?:
    | false
    // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing is allowed.
    | ((url: string) => OpenedBrowser | void | Promise<OpenedBrowser | void>)
    | undefined
  /**
   * The ports of the registered redirect URIs, in the order in which they are tried. 0 means a free port. Default: the
   * port of `redirect_uri`, or a free port if it has none.
   */
  ports?: readonly number[] | undefined
  /**
   * Returns the HTML page that the browser shows after the callback. It may have inline styles and images, but no scripts.
   * If it throws, the browser shows the default page. Default: a page in English or Chinese.
   */
  page?: ((page: SignInPage) => string | Promise<string>) | undefined
  /**
   * Prints the address to open. It is called once at the start, and again with `reason` if no browser opened. Default:
   * writes to `process.stderr`, in English.
   */
  onAddress?: ((address: { url: string; reason?: Error | undefined }) => void) | undefined
  /**
   * Lets the user paste the address of the callback, for a browser on another machine as over SSH: `true` reads lines of
   * `process.stdin` and writes its prompts to `process.stderr`. A function returns what the user pasted; it is called again
   * with the `error` of a wrong address, and if it rejects, the sign-in rejects with the same error. `signal` is aborted
   * when a callback arrived or the sign-in ended. Default: false.
   */
  pasteCode?:
    | boolean
    | ((request: { signal: AbortSignal; error?: PDSError | undefined }) => Promise<string>)
    | undefined
}
