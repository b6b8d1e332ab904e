import type { PDSError } from '@pds/core'
import type { Lease } from '../record/lease.ts'
import type { SessionToken, Snapshot } from '../record/session-state.ts'
import { commitLate, commitToken } from './commit-token.ts'
import { requestToken } from './grant-calls.ts'
import type { RenewalContext, Step } from './renewal-context.ts'

/** Obtains a token. The lease only saves requests of other processes, because no refresh token is spent. */
export async function obtain(context: RenewalContext, parent: Snapshot, lease?: Lease): Promise<Step> {
  const { isOnline } = context
  const wasOnline = isOnline()
  let token: SessionToken
  try {
    token = await requestToken(context, undefined, commitLate(context, parent))
  } catch (error) {
    // A grant of the application throws any error. Nothing is spent twice if it was another one.
    const isFailure = ['NetworkError', 'RefreshFailed'].includes((error as PDSError).code)
    if (isFailure && !wasOnline && !isOnline()) return 'offline'
    throw error
  }
  return commitToken(context, parent, token, lease)
}
