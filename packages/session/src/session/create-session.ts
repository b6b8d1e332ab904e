import { isPDSError, PDSError, rejectOnAbort } from '@pds/core/internal'
import type { ITokenInfo } from '@pds/types'
import type { SessionToken } from '../record/session-state.ts'
import { toTokenInfo } from '../token/session-token.ts'
import { authorizedFetch } from './authorized-fetch.ts'
import type { GetTokenOptions, Session } from './session.ts'
import { SessionKeeper } from './session-keeper.ts'
import { checkSessionOptions, type SessionOptions } from './session-options.ts'

/**
 * Keeps one token fresh for any number of callers, and with a store that they share for tabs, processes and machines:
 * they refresh it once, and lose nothing that could be saved.
 *
 * Nothing is read or sent before its first use. Throws a `PDSError` `InvalidParameter` for an option that is unknown,
 * missing or wrong.
 */
export function createSession(options: SessionOptions): Session {
  const checked = checkSessionOptions(options)
  const keeper = new SessionKeeper(checked)

  async function waitForToken({ rejected, signal }: GetTokenOptions): Promise<SessionToken> {
    if (!signal) return keeper.currentToken(rejected)
    if (signal.aborted) throw aborted()
    try {
      return await rejectOnAbort(signal, keeper.currentToken(rejected))
    } catch (error) {
      throw signal.aborted && !isPDSError(error) ? aborted() : error
    }
  }

  // A token that is there is not awaited: that would be a third of the time of nearly all calls.
  const getToken = async (wanted: GetTokenOptions = {}): Promise<ITokenInfo> => {
    const kept = keeper.freshToken(wanted.rejected) ?? (await waitForToken(wanted))
    return toTokenInfo(kept, keeper.now())
  }
  const getAccessToken = async (wanted: GetTokenOptions = {}): Promise<string> => {
    const kept = keeper.freshToken(wanted.rejected) ?? (await waitForToken(wanted))
    return kept.info.access_token
  }
  const { origins = [] } = checked

  return {
    getToken,
    getAccessToken,
    fetch: authorizedFetch(getAccessToken, origins, checked.fetch),
    setToken: (token) => keeper.setToken(token),
    signOut: () => keeper.signOut(),
    subscribe: (type, listener) => keeper.subscribe(type, listener),
    close: () => keeper.close(),
  }
}

function aborted(): PDSError {
  return new PDSError('the waiting for a token was aborted by its signal', {
    code: 'Aborted',
    outcome: 'not-sent',
  })
}
