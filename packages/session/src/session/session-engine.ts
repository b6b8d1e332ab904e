import { checkOptions, type OptionValidator, PDSError } from '@pds/core/internal'
import type { TokenInfo } from '@pds/types'
import { observeRenewal, publishRenewal } from '#platform'
import { privateStore } from '../record/private-store.ts'
import { SessionRecord } from '../record/session-record.ts'
import { fingerprint, type SessionToken } from '../record/session-state.ts'
import { Backoff } from '../renewal/backoff.ts'
import { endSignIn } from '../renewal/grant-calls.ts'
import { causeOf, loginRequired } from '../renewal/login-required.ts'
import { PageLife } from '../renewal/page-life.ts'
import { Pauses, startTimer } from '../renewal/pause.ts'
import type { RenewalResult, RenewalTools } from '../renewal/renewal-context.ts'
import { RenewalCoordinator } from '../renewal/renewal-coordinator.ts'
import { runRenewal } from '../renewal/run-renewal.ts'
import { importSessionToken } from '../token/session-token.ts'
import { drawJitter, keepAliveAfter, maxSoftWindow, outlasts } from '../token/token-lifetime.ts'
import { abortable } from './aborted.ts'
import { isFinal, KnownState, refreshTokenOf } from './known-state.ts'
import { randomId } from './random-id.ts'
import type { GetTokenOptions } from './session.ts'
import { GrantClock } from './session-clock.ts'
import type { CheckedOptions } from './session-options.ts'
import type { SessionStatus } from './session-status.ts'

// The timeout for one call of the store, in milliseconds: longer than `sqliteStore` waits for a lock.
export const maxStoreTimeout = 12_000
// How often an unused session is checked, in milliseconds. Timers overflow after 24 days and stop while a machine sleeps,
// so the clock is read every hour, and every minute when the token is due.
const keepAliveInterval = 3_600_000
const keepAliveRetry = 60_000

/** Keeps the token of one session fresh. Callers have a `Session`, which calls this object. */
export class SessionEngine {
  readonly tools: RenewalTools
  readonly known: KnownState
  readonly coordinator: RenewalCoordinator<RenewalResult>
  #stopKeepAlive: (() => void) | undefined

  /** `earlier` has the tools of an earlier engine of the same session, after a failed renewal. */
  constructor(options: CheckedOptions, earlier?: Partial<Pick<RenewalTools, 'attempts' | 'backoff'>>) {
    const { key, grant, identity = grant, store = privateStore(), isOnline = isBrowserOnline } = options
    const clock = new GrantClock(options.clock, grant)
    this.tools = {
      ...options,
      record: new SessionRecord(
        { store, key, identity },
        clock,
        Math.min(maxStoreTimeout, options.waitTimeout),
      ),
      canObtain: typeof grant.obtain === 'function',
      canRefresh: typeof grant.refresh === 'function',
      clock,
      page: new PageLife(() => this.known.expire()),
      pauses: new Pauses(),
      backoff: new Backoff(clock),
      attempts: { owner: randomId(), last: 0, lastSent: 0 },
      jitter: drawJitter(),
      isOnline,
      take: (result) => this.known.take(result),
      ...earlier,
    }
    this.known = new KnownState(this.tools)
    this.coordinator = new RenewalCoordinator((...args) => this.#renew(...args), this.tools.backoff)
    if (options.keepAlive) this.#keepAliveIn(0)
  }

  async status(): Promise<SessionStatus> {
    const { known } = this
    known.open()
    await known.read()
    return known.status
  }

  /**
   * Returns the token without a promise if the store need not be read for it, because to await it would take a third of
   * the time of nearly all calls.
   */
  findToken(method: string, given: GetTokenOptions | undefined): SessionToken | Promise<SessionToken> {
    // Most calls have no options, and take less time than the check.
    const { rejected, signal } = given
      ? checkOptions(method, given, tokenOptionValidators, 'options', 'options.')
      : noOptions
    const { known, tools } = this
    if (!signal?.aborted) {
      tools.pauses.assertOpen()
      const steadyNow = performance.now()
      const snapshot = known.currentAt(steadyNow)
      const token = snapshot?.state.token
      const isKnown = token && snapshot.missing !== 'ask'
      if (isKnown && outlasts(maxSoftWindow, token, snapshot.seenAt, tools.clock.now(), steadyNow)) {
        const { access_token } = token.info
        if (access_token !== rejected && access_token !== known.rejected) return token
      }
    }
    return abortable(signal, () => this.currentToken(rejected))
  }

  /** Reads the store, renews the token if necessary, and returns it. Throws a `PDSError`. */
  async currentToken(rejected?: string): Promise<SessionToken> {
    const { known, tools, coordinator } = this
    known.open()
    known.noteRejected(rejected)
    const readError = await known.read().catch((error: PDSError) => error)
    // Without the store, only a grant that can obtain tokens goes on.
    let failure = tools.canObtain ? undefined : (readError ?? undefined)
    for (;;) {
      known.noteRejected(rejected)
      const decision = known.decide(failure)
      if (decision.action === 'use') {
        if (decision.renew) coordinator.renewInBackground(undefined)
        return decision.token
      }
      if (decision.action === 'fail') {
        const { error } = decision
        // No stored record requires this login.
        throw error.cause === 'expired' ? known.fail(error) : error
      }
      if (failure) throw failure
      try {
        const result = await coordinator.renew(known.rejected)
        const token = result?.isUsable ? result.snapshot.state.token : undefined
        const isRejected = [rejected, known.rejected].includes(token?.info.access_token)
        // It is used even if it seems to have expired: a wrong clock must not cause a loop.
        if (token && !isRejected) return token
      } catch (error) {
        if (isFinal(error as PDSError)) throw error
        await known.read().catch(() => undefined)
        failure = error as PDSError
      }
    }
  }

  async setToken(given: TokenInfo): Promise<void> {
    const { known, tools } = this
    known.open()
    const since = tools.clock.now()
    const token = importSessionToken(given, since)
    const { access_token, refresh_token } = token.info
    const seed = await fingerprint(JSON.stringify([access_token, refresh_token]))
    const snapshot = await tools.record.startEpoch(known.snapshot, ({ state }) =>
      state.seed === seed ? undefined : { status: 'ok', token, generation: 1, seed, since },
    )
    known.note(snapshot)
    // Nothing was written, because the sign-in of this token has ended.
    if (causeOf(snapshot.state)) throw loginRequired(snapshot.state)
  }

  async signOut(): Promise<{ revoked: boolean }> {
    const { known, tools } = this
    known.open()
    const since = tools.clock.now()
    const refreshTokens = new Set([refreshTokenOf(known.snapshot.state.token)])
    let failure: unknown
    try {
      const snapshot = await tools.record.startEpoch(known.snapshot, ({ state, unreadable }) => {
        const { status, token, seed } = state
        refreshTokens.add(refreshTokenOf(token))
        return status === 'signed_out' && !unreadable ? undefined : { status: 'signed_out', since, seed }
      })
      known.note(snapshot)
    } catch (error) {
      failure = error
      // The token is revoked: no caller gets it, and it is not written if the store lacks it.
      known.rejected = known.snapshot.state.token?.info.access_token
      known.snapshot = { ...known.snapshot, missing: 'keep' }
    }
    // The tokens are revoked even if the store failed.
    const revoked = await Promise.all(
      tools.grant.signOut
        ? [known.reportFailure(endSignIn(tools))]
        : [...refreshTokens].map((token) => known.revoke(token)),
    )
    if (failure) throw failure
    return { revoked: revoked.includes(true) }
  }

  close(): void {
    const { pauses, page } = this.tools
    pauses.isClosed = true
    pauses.end()
    page.stop()
    this.#stopKeepAlive?.()
    this.known.close()
  }

  async #renew(rejected: string | undefined, isBackground: boolean): Promise<RenewalResult> {
    const { known, tools, coordinator } = this
    const observed = observeRenewal(tools, known, rejected, isBackground)
    try {
      const renewed = await runRenewal({ ...tools, observed, rejected, isBackground, known: known.snapshot })
      const result = known.take(renewed)
      // A background renewal may have brought no new token.
      if (isBackground) tools.backoff.pause()
      else if (result.isUsable && result.snapshot.state.token?.info.access_token === rejected) {
        throw new PDSError('the grant returned the rejected access token again', {
          code: 'RefreshFailed',
          outcome: 'responded',
        })
      }
      publishRenewal(observed, coordinator, result)
      return result
    } catch (error) {
      const failure = known.fail(error as PDSError)
      publishRenewal(observed, coordinator, failure)
      throw failure
    }
  }

  /** Renews the token of an unused session before its refresh token expires. */
  #keepAliveIn(milliseconds: number): void {
    const { known, tools } = this
    const check = async () => {
      known.open()
      await known.read().catch(() => undefined)
      if (tools.pauses.isClosed) return
      const { status, token } = known.snapshot.state
      const isDue =
        status === 'ok' && token?.info.refresh_token && tools.clock.now() - token.mintedAt >= keepAliveAfter
      // Passed as rejected, so that the token is renewed although it may still be valid.
      if (isDue && tools.isOnline()) this.coordinator.renewInBackground(token.info.access_token)
      this.#keepAliveIn(isDue ? keepAliveRetry : keepAliveInterval)
    }
    this.#stopKeepAlive = startTimer(milliseconds, () => void check())
  }
}

/** The validators of the options of `getToken`. */
export const tokenOptionValidators: Readonly<Record<keyof GetTokenOptions, OptionValidator>> = {
  rejected: { wants: 'an access token', accepts: (value) => typeof value === 'string' },
  // Not instanceof: it may be of another realm.
  signal: { wants: 'an AbortSignal', accepts: (value) => typeof Object(value).aborted === 'boolean' },
}

const noOptions: GetTokenOptions = {}

function isBrowserOnline(): boolean {
  return globalThis.navigator?.onLine !== false
}
