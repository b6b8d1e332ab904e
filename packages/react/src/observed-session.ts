import { isPDSError, PDSError, sanitizeError } from '@pds/core/internal'
import type { Session, SessionStatus } from '@pds/session'
import type { TokenInfo } from '@pds/types'
import { failedResult, loading, type PdsSession, settledResult, signingIn } from './pds-session.ts'

/** The result of `completeSignIn`. It has a token only if it completed a sign-in. */
export interface CompletedSignIn {
  /** The token of the user. */
  token?: TokenInfo | undefined
  /** Where the page goes after the sign-in. */
  returnTo?: string | undefined
  /** The state that the application passed to the sign-in. */
  appState?: unknown
}

/** How a page completes a sign-in by redirect. */
export interface SignInProps {
  /**
   * Completes the sign-in of the page's URL: `() => completeSignIn(transport)` with `completeSignIn` of
   * `@pds/auth-oauth`. The provider calls it when it mounts, and passes the token to `session.setToken`.
   */
  completeSignIn?: (() => Promise<CompletedSignIn>) | undefined
  /**
   * Returns whether the page is the result of a sign-in of this tab: `isSignInPending` of `@pds/auth-oauth`. With it, the
   * first render of such a page has the status `signing_in`; otherwise it has `loading`.
   */
  isSignInPending?: (() => boolean) | undefined
  /**
   * Called once after a sign-in, before the status changes to `signed_in`: for example to show the page `returnTo`.
   */
  onSignIn?: ((result: Pick<CompletedSignIn, 'returnTo' | 'appState'>) => void) | undefined
}

/**
 * - `checking`: `completeSignIn` runs, and has not yet said whether there is a sign-in to complete.
 * - `retrying`: the same, after a failure.
 * - `signing_in`: there is one.
 * - `done`: it has ended.
 */
type Phase = 'checking' | 'retrying' | 'signing_in' | 'done'

const observed = new WeakMap<Session, ObservedSession>()

/** Returns the observed session of a session. All components share it. */
export function observe(session: Session): ObservedSession {
  const found = observed.get(session) ?? new ObservedSession(session)
  observed.set(session, found)
  return found
}

/** A session as components see it: an external store of React. */
export class ObservedSession {
  readonly #session: Session
  readonly #listeners = new Set<() => void>()
  #unsubscribe: (() => void) | undefined
  /** The attempt to find out whether a user is signed in. */
  #search: Promise<void> | undefined
  #hasSearched = false
  /** Why the last search failed. Stores that fail, for example, do not change the state of the session. */
  #failure: PDSError | undefined

  /** Undefined until a provider completes a sign-in. */
  #phase: Phase | undefined
  #signIn: SignInProps = {}
  #completing: Promise<void> | undefined
  /** A sign-in whose token `setToken` has not accepted yet. */
  #unsaved: CompletedSignIn | undefined
  #signInError: PDSError | undefined

  /** The last results, because React compares results by identity. */
  #settled: { readonly state: SessionStatus; readonly result: PdsSession | undefined } | undefined
  #failed: PdsSession | undefined

  constructor(session: Session) {
    this.#session = session
  }

  /** Calls a listener after each change of the result. Returns a function that removes the listener. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#unsubscribe ??= this.#session.subscribe('changed', ({ status }) => {
      if (status === 'ok' || status === 'signed_out') this.#signInError = undefined
      this.#notify()
    })
    this.#listeners.add(listener)
    // Not for each component that mounts: it would try again after a failure.
    if (!this.#hasSearched && !this.#readSettled()) void this.#find()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#unsubscribe?.()
      this.#unsubscribe = undefined
    }
  }

  /**
   * Returns the result: the same object until it changes, or undefined before the first attempt to find out has ended.
   * `signIn` has the properties of a provider that is about to complete a sign-in.
   */
  read(signIn?: SignInProps): PdsSession | undefined {
    const phase = this.#phase ?? (signIn && firstPhase(signIn))
    if (phase === 'signing_in') return signingIn
    const settled = this.#readSettled()
    if (settled?.status === 'signed_in') return settled
    if (phase === 'checking' || (!settled && !this.#hasSearched)) return undefined
    if (phase === 'retrying' || (!settled && this.#search)) return loading
    const error = this.#signInError ?? (settled ? undefined : (this.#failure ?? this.#session.state.error))
    return error ? this.#fail(error) : (settled ?? loading)
  }

  /** Completes the sign-in of the page. Calls during another share it, with the `onSignIn` of the last call. */
  complete(signIn: SignInProps): Promise<void> {
    this.#signIn = signIn
    this.#completing ??= this.#complete()
    return this.#completing
  }

  readonly #retry = (): void => {
    if (this.#signInError) {
      this.#phase = 'retrying'
      void this.complete(this.#signIn)
    } else void this.#find()
  }

  #readSettled(): PdsSession | undefined {
    const { state } = this.#session
    if (this.#settled?.state !== state) this.#settled = { state, result: settledResult(state) }
    return this.#settled.result
  }

  #fail(error: PDSError): PdsSession {
    if (this.#failed?.error !== error) this.#failed = failedResult(error, this.#retry)
    return this.#failed
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Finds out whether a user is signed in. Never rejects. */
  #find(): Promise<void> {
    this.#search ??= this.#readSession().then((failure) => {
      this.#failure = failure
      this.#search = undefined
      this.#hasSearched = true
      this.#notify()
    })
    this.#notify()
    return this.#search
  }

  /** Reads the store, and obtains a token if only the grant knows the user. Returns the failure. */
  async #readSession(): Promise<PDSError | undefined> {
    try {
      const state = await this.#session.status()
      if (!settledResult(state)) await this.#session.getToken()
      return undefined
    } catch (error) {
      // If it is a required login, the state of the session says so.
      return error as PDSError
    }
  }

  /** Rejects only if `onSignIn` throws. */
  async #complete(): Promise<void> {
    const phase = this.#unsaved ? 'signing_in' : firstPhase(this.#signIn)
    // A provider that mounts again on the same page shows the old result until it has found a sign-in.
    this.#phase = phase === 'checking' ? (this.#phase ?? phase) : phase
    this.#notify()
    try {
      const { returnTo, appState, token } = await this.#saveToken()
      if (token) this.#signIn.onSignIn?.({ returnTo, appState })
    } finally {
      this.#completing = undefined
      this.#phase = 'done'
      this.#notify()
    }
  }

  /** Passes the token of the sign-in to the session. Returns no token without a sign-in and after a failure. */
  async #saveToken(): Promise<CompletedSignIn> {
    try {
      const result = this.#unsaved ?? (await this.#signIn.completeSignIn?.()) ?? {}
      if (result.token) {
        this.#unsaved = result
        this.#phase = 'signing_in'
        this.#notify()
        await this.#session.setToken(result.token)
      }
      this.#unsaved = undefined
      this.#signInError = undefined
      return result
    } catch (thrown) {
      const error = signInError(thrown)
      // Another attempt can save the token only if the store has failed.
      if (error.code !== 'StoreFailed') this.#unsaved = undefined
      // The user may be signed in nevertheless.
      await this.#search
      const isOver = this.#session.state.status === 'ok' || error.code === 'LoginRequired'
      this.#signInError = isOver ? undefined : error
      return {}
    }
  }
}

function firstPhase({ isSignInPending }: SignInProps): Phase {
  return isSignInPending?.() ? 'signing_in' : 'checking'
}

/** Returns the error of a sign-in. A function of the application may throw anything. */
function signInError(error: unknown): PDSError {
  if (isPDSError(error)) return error
  return new PDSError('PdsProvider: completeSignIn threw, see cause', {
    code: 'RefreshFailed',
    outcome: 'unknown',
    cause: sanitizeError(error),
  })
}
