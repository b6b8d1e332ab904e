import { checkOptions, type OptionValidator, PDSError } from '@pds/core/internal'
import type { ITokenInfo, TokenInfo } from '@pds/types'
import { privateStore } from '../record/private-store.ts'
import { createSessionRecord } from '../record/session-record.ts'
import { fingerprint, type SessionToken } from '../record/session-state.ts'
import { Backoff } from '../renewal/backoff.ts'
import { causeOf, loginRequired } from '../renewal/login-required.ts'
import { PageLife } from '../renewal/page-life.ts'
import { Pauses, startTimer } from '../renewal/pause.ts'
import type { RenewalResult, RenewalTools } from '../renewal/renewal-context.ts'
import { RenewalCoordinator } from '../renewal/renewal-coordinator.ts'
import { runRenewal } from '../renewal/run-renewal.ts'
import { importSessionToken, toTokenInfo } from '../token/session-token.ts'
import { drawJitter, keepAliveAfter, maxSoftWindow, outlasts } from '../token/token-lifetime.ts'
import { abortable } from './aborted.ts'
import { authorizedFetch } from './authorized-fetch.ts'
import { isFinal, KnownState, refreshTokenOf } from './known-state.ts'
import type { GetTokenOptions, Session } from './session.ts'
import { GrantClock } from './session-clock.ts'
import { checkSessionOptions, type SessionOptions } from './session-options.ts'
import { storeKey } from './store-key.ts'

// The timeout for one call of the store, in milliseconds: longer than `sqliteStore` waits for a lock.
const maxStoreTimeout = 12_000
// How often an unused session is checked, in milliseconds. Timers overflow after 24 days and stop while a machine sleeps,
// so the clock is read every hour, and every minute when the token is due.
const keepAliveInterval = 3_600_000
const keepAliveRetry = 60_000

/**
 * Creates a session, which keeps one token fresh for any number of callers. Tabs, processes and machines that share a
 * store share the session: one of them refreshes the token for all.
 *
 * The session reads and sends nothing before its first use.
 *
 * @throws PDSError with code `InvalidParameter` if an option is unknown, missing or invalid.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { jwtGrant } from '@pds/auth-jwt'
 * import { createTransport } from '@pds/core'
 * import { createSession } from '@pds/session'
 *
 * const transport = createTransport({ api_endpoint: 'https://bj1.api.aliyunpds.com' })
 * const app = { domain_id: 'bj1', client_id: 'jwt-app', private_key_pem: readFileSync('key.pem', 'utf8') }
 * const grant = jwtGrant({ transport, ...app, user_id: 'user-1' })
 * const session = createSession({ key: 'user-1', grant })
 * export const access_token = await session.getAccessToken()
 * ```
 */
export function createSession(options: SessionOptions): Session {
  const checked = checkSessionOptions(options)
  const { key, grant, store = privateStore(), isOnline = isBrowserOnline } = checked
  const clock = new GrantClock(checked.clock, grant)
  const record = createSessionRecord(
    store,
    storeKey(key, grant),
    clock,
    Math.min(maxStoreTimeout, checked.waitTimeout),
  )
  const page = new PageLife(() => known.expire())
  const pauses = new Pauses()
  const backoff = new Backoff(clock)
  const tools: RenewalTools = {
    ...checked,
    record,
    canObtain: typeof grant.obtain === 'function',
    canRefresh: typeof grant.refresh === 'function',
    clock,
    page,
    pauses,
    backoff,
    attempts: { owner: crypto.randomUUID(), last: 0, lastSent: 0 },
    jitter: drawJitter(),
    isOnline,
    take: (result) => known.take(result),
  }
  const known = new KnownState(tools)
  const coordinator = new RenewalCoordinator(renew, backoff)
  let stopKeepAlive: (() => void) | undefined
  if (checked.keepAlive) keepAliveIn(0)

  /** Reads the store, renews the token if necessary, and returns it. Throws a `PDSError`. */
  async function currentToken(rejected: string | undefined): Promise<SessionToken> {
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

  async function renew(rejected: string | undefined, isBackground: boolean): Promise<RenewalResult> {
    try {
      const renewed = await runRenewal({
        ...tools,
        rejected,
        isBackground,
        known: known.snapshot,
      })
      const result = known.take(renewed)
      // A background renewal may have brought no new token.
      if (isBackground) backoff.pause()
      else if (result.isUsable && result.snapshot.state.token?.info.access_token === rejected) {
        throw new PDSError('the grant returned the rejected access token again', {
          code: 'RefreshFailed',
          outcome: 'responded',
        })
      }
      return result
    } catch (error) {
      throw known.fail(error as PDSError)
    }
  }

  /** Renews the token of an unused session before its refresh token expires. */
  function keepAliveIn(milliseconds: number): void {
    const check = async () => {
      known.open()
      await known.read().catch(() => undefined)
      if (pauses.isClosed) return
      const { status, token } = known.snapshot.state
      const isDue =
        status === 'ok' && token?.info.refresh_token && clock.now() - token.mintedAt >= keepAliveAfter
      // Passed as rejected, so that the token is renewed although it may still be valid.
      if (isDue && isOnline()) coordinator.renewInBackground(token.info.access_token)
      keepAliveIn(isDue ? keepAliveRetry : keepAliveInterval)
    }
    stopKeepAlive = startTimer(milliseconds, () => void check())
  }

  /**
   * Returns the token without a promise if the store need not be read for it, because to await it would take a third of
   * the time of nearly all calls.
   */
  function findToken(
    method: string,
    given: GetTokenOptions | undefined,
  ): SessionToken | Promise<SessionToken> {
    // Most calls have no options, and take less time than the check.
    const { rejected, signal } = given
      ? checkOptions(method, given, tokenOptionValidators, 'options', 'options.')
      : noOptions
    if (!signal?.aborted) {
      pauses.assertOpen()
      const steadyNow = performance.now()
      const snapshot = known.currentAt(steadyNow)
      const token = snapshot?.state.token
      const isKnown = token && snapshot.missing !== 'ask'
      if (isKnown && outlasts(maxSoftWindow, token, snapshot.seenAt, clock.now(), steadyNow)) {
        const { access_token } = token.info
        if (access_token !== rejected && access_token !== known.rejected) return token
      }
    }
    return abortable(signal, () => currentToken(rejected))
  }

  async function getAccessToken(given?: GetTokenOptions): Promise<string> {
    const found = findToken('getAccessToken', given)
    return (found instanceof Promise ? await found : found).info.access_token
  }

  return {
    get state() {
      return known.status
    },
    async status() {
      known.open()
      await known.read()
      return known.status
    },
    async getToken(given?: GetTokenOptions): Promise<ITokenInfo> {
      const found = findToken('getToken', given)
      return toTokenInfo(found instanceof Promise ? await found : found, clock.now())
    },
    getAccessToken,
    fetch: authorizedFetch(getAccessToken, checked.origins, checked.fetch),
    async setToken(given: TokenInfo) {
      known.open()
      const since = clock.now()
      const token = importSessionToken(given, since)
      const { access_token, refresh_token } = token.info
      const seed = await fingerprint(JSON.stringify([access_token, refresh_token]))
      const snapshot = await record.startEpoch(known.snapshot, ({ state }) =>
        state.seed === seed ? undefined : { status: 'ok', token, generation: 1, seed, since },
      )
      known.note(snapshot)
      // Nothing was written, because the sign-in of this token has ended.
      if (causeOf(snapshot.state)) throw loginRequired(snapshot.state)
    },
    async signOut() {
      known.open()
      const since = clock.now()
      const refreshTokens = new Set([refreshTokenOf(known.snapshot.state.token)])
      let failure: unknown
      try {
        const snapshot = await record.startEpoch(known.snapshot, ({ state, unreadable }) => {
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
      const revoked = await Promise.all([...refreshTokens].map((token) => known.revoke(token)))
      if (failure) throw failure
      return { revoked: revoked.includes(true) }
    },
    subscribe: (type, listener) => known.subscribe(type, listener),
    close() {
      pauses.isClosed = true
      pauses.end()
      page.stop()
      stopKeepAlive?.()
      known.close()
    },
  }
}

const tokenOptionValidators: Readonly<Record<keyof GetTokenOptions, OptionValidator>> = {
  rejected: { wants: 'an access token', accepts: (value) => typeof value === 'string' },
  signal: { wants: 'an AbortSignal', accepts: (value) => typeof Object(value).aborted === 'boolean' },
}

const noOptions: GetTokenOptions = {}

function isBrowserOnline(): boolean {
  return globalThis.navigator?.onLine !== false
}
