import {
  checkOptions,
  functionOption,
  invalidParameter,
  millisecondsOption,
  type OptionValidator,
  type PDSError,
} from '@pds/core/internal'
import { isSamePair } from '../record/session-state.ts'
import { abortable } from '../session/aborted.ts'
import { type SessionEngine, tokenOptionValidators } from '../session/session-engine.ts'
import { hardWindow, maxSoftWindow, outlasts } from '../token/token-lifetime.ts'
import type { SessionPool } from './session-pool.ts'
import type { Sessions, WarmOptions, WarmProgress, WarmResult } from './sessions.ts'

// The number of sessions at a time in a pool without a limit.
const maxParallel = 100

/** Renews the tokens of many sessions that expire soon; see `Sessions.warm`. */
export async function warmSessions(
  pool: SessionPool,
  keys: Parameters<Sessions['warm']>[0],
  options: WarmOptions = {},
): Promise<WarmResult> {
  // Created here, because bundlers keep property reads at the top level of a module.
  const validators: Readonly<Record<keyof WarmOptions, OptionValidator>> = {
    within: millisecondsOption,
    signal: tokenOptionValidators.signal,
    onProgress: functionOption,
  }
  const { within = maxSoftWindow, signal, onProgress } = checkOptions('warm', options, validators)
  pool.assertOpen()
  const counts = { renewed: 0, valid: 0, login_required: 0, failed: 0 }
  const iterator = iterate(keys)
  let done = 0
  let isStopped = false

  async function work(): Promise<void> {
    while (!isStopped && !signal?.aborted) {
      pool.assertOpen()
      const next = await iterator.next()
      if (next.done) return
      const key = next.value
      if (typeof key !== 'string' || key === '')
        throw invalidParameter('warm: keys must be non-empty strings')
      const { outcome, error } = await warm(pool, key, within)
      counts[outcome]++
      onProgress?.({ key, outcome, error, done: ++done })
    }
  }

  const workers = () =>
    Array.from({ length: pool.options.concurrency || maxParallel }, () =>
      work().catch((error) => {
        isStopped = true
        throw error
      }),
    )
  // Lets a generator of the caller end, for example a cursor of a database. After its end, this does nothing.
  const closeIterator = async () => iterator.return?.()
  await abortable(signal, () =>
    Promise.all(workers()).finally(() => void closeIterator().catch(() => undefined)),
  )
  return counts
}

function iterate(keys: Iterable<string> | AsyncIterable<string>): Iterator<string> | AsyncIterator<string> {
  const given = Object(typeof keys === 'string' ? undefined : keys)
  const start = given[Symbol.asyncIterator] ?? given[Symbol.iterator]
  if (!start) throw invalidParameter('warm: keys must be an iterable of keys, for example an array')
  return start.call(keys)
}

async function warm(
  pool: SessionPool,
  key: string,
  within: number,
): Promise<Pick<WarmProgress, 'outcome' | 'error'>> {
  try {
    return { outcome: await pool.call(key, (engine) => renewIfDue(engine, within)) }
  } catch (thrown) {
    const error = thrown as PDSError
    return { outcome: error.code === 'LoginRequired' ? 'login_required' : 'failed', error }
  }
}

/** Renews the token of a session if it expires within a time, in milliseconds. Throws a `PDSError`. */
async function renewIfDue(engine: SessionEngine, within: number): Promise<'renewed' | 'valid'> {
  const { known, tools, coordinator } = engine
  known.open()
  // A grant that obtains tokens does not need the store.
  await known.read().catch((error: PDSError) => {
    if (!tools.canObtain) throw error
  })
  const { state, seenAt, missing } = known.snapshot
  const { token } = state
  const isAccepted = token !== undefined && token.info.access_token !== known.rejected
  const lasts = (window: number) => isAccepted && outlasts(window, token, seenAt, tools.clock.now())
  if (lasts(within) && missing !== 'ask') return 'valid'
  if (lasts(hardWindow) && state.status !== 'signed_out') {
    const { failure, isPaused } = tools.backoff
    if (failure) throw failure
    // Passed as rejected, so that the token is renewed although it is still valid.
    if (!coordinator.underway && !isPaused) await coordinator.start(token?.info.access_token, true)
    else await coordinator.underway
  } else {
    await engine.currentToken()
  }
  if (!isSamePair(known.snapshot.state.token, token)) return 'renewed'
  if (tools.backoff.lastFailure) throw tools.backoff.lastFailure
  return 'valid'
}
