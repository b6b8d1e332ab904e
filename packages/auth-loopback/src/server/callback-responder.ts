import type { IncomingMessage, ServerResponse } from 'node:http'
import { type AuthorizationRequest, parseCallback } from '@pds/auth-oauth'
import { isPDSError, type PDSError, sanitizeError } from '@pds/core/internal'
import type { CallbackWait } from '../callback-wait.ts'
import type { SignInPage, SignInWithBrowserOptions } from '../options.ts'
import { defaultPage, foreignCallbackPage } from '../page/default-page.ts'
import { preferredLanguage } from '../page/preferred-language.ts'
import { sendOwnPage, sendPage, sendText } from '../page/send-page.ts'

// Errors of callbacks that can be sent without the state.
const forged = ['RedirectUriMismatch', 'StateRepeated', 'StateMissing', 'StateMismatch']

/** Responds to the requests that reach the redirect URI during one sign-in. */
export class CallbackResponder {
  readonly #request: AuthorizationRequest
  readonly #wait: CallbackWait
  readonly #outcome: Promise<PDSError | undefined>
  readonly #page: SignInWithBrowserOptions['page']
  readonly #responses = new Set<Promise<void>>()

  /** `outcome` is the error of the sign-in, or undefined after success. */
  constructor(
    request: AuthorizationRequest,
    wait: CallbackWait,
    outcome: Promise<PDSError | undefined>,
    page: SignInWithBrowserOptions['page'],
  ) {
    this.#request = request
    this.#wait = wait
    this.#outcome = outcome
    this.#page = page
  }

  /** Handles a request. Never throws: any page and any program of this machine can send one. */
  handle(incoming: IncomingMessage, response: ServerResponse): void {
    const redirectUri = new URL(this.#request.redirect_uri)
    // Not a parsed URL: `//` is invalid. A browser sends the path of the redirect URI without changes.
    const [path] = (incoming.url ?? '').split('?', 1)
    if (incoming.headers.host?.toLowerCase() !== redirectUri.host) {
      // A page of another site can give its host the address of this machine (DNS rebinding).
      sendText(response, 403, 'This host is not allowed.')
    } else if (path !== redirectUri.pathname) {
      sendText(response, 404, 'Not found.')
    } else if (incoming.method !== 'GET') {
      sendText(response.setHeader('allow', 'GET'), 405, 'Method not allowed.')
    } else {
      const responding = this.#respond(new URL(redirectUri.origin + incoming.url), incoming, response)
      this.#responses.add(responding)
      responding.finally(() => this.#responses.delete(responding))
    }
  }

  /** Resolves when the browser has received the responses to all callbacks. */
  async delivered(): Promise<void> {
    await Promise.all(this.#responses)
  }

  async #respond(callback: URL, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket, headers } = incoming
    const language = preferredLanguage(headers['accept-language'])
    try {
      this.#wait.accept(parseCallback(callback, this.#request))
    } catch (error) {
      if (isPDSError(error) && forged.includes(error.code)) {
        // The wait continues, or any page could end the sign-in.
        sendPage(response, 400, foreignCallbackPage(language, error.code))
        return
      }
      this.#wait.fail(error)
    }
    // A second copy of the callback, as after a reload, gets the same page.
    const error = await this.#outcome
    const status = error ? 400 : 200
    const own = await this.#renderOwnPage({ language, ...(error && { error }) })
    if (own === undefined) sendPage(response, status, defaultPage(language, error))
    else sendOwnPage(response, status, own)
    // The socket is closed after the response was sent.
    if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve))
  }

  async #renderOwnPage(page: SignInPage): Promise<string | undefined> {
    try {
      const html = await this.#page?.(page)
      if (html === undefined || typeof html === 'string') return html
      throw new TypeError(`it returned a value of type ${typeof html}`)
    } catch (error) {
      // The user is signed in anyway.
      const { message } = sanitizeError(error)
      process.emitWarning(
        `signInWithBrowser: the option page failed, so the default page is shown: ${message}`,
      )
      return undefined
    }
  }
}
