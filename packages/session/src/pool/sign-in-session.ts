import { invalidParameter } from '@pds/core/internal'
import { runInTurn } from '#platform'
import { requestToken } from '../renewal/grant-calls.ts'
import { refreshTokenOf } from '../session/known-state.ts'
import type { SessionEngine } from '../session/session-engine.ts'
import { toTokenInfo } from '../token/session-token.ts'

/** Starts a new sign-in with a token that the grant obtains; see `Sessions.signIn`. */
export async function signInSession(engine: SessionEngine): Promise<void> {
  const { known, tools } = engine
  if (!tools.canObtain) {
    throw invalidParameter(
      'signIn: the grant of this session cannot obtain a token: pass the token of the sign-in to setToken',
    )
  }
  const request = () =>
    requestToken(
      { ...tools, observed: undefined, rejected: undefined },
      undefined,
      // No caller waits for a token that arrives after the timeout.
      (late) => void known.revoke(refreshTokenOf(late)),
    )
  const token = await runInTurn({ ...tools, isBackground: false }, tools.waitTimeout, request)
  await engine.setToken(toTokenInfo(token, tools.clock.now()))
}
