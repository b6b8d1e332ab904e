import type { Session } from '@pds/session'
import { expect, it } from 'vitest'
import { startTestBackend } from '../test/test-backend.test-helper.ts'
import { ForcedRenewals } from './forced-renewals.ts'

async function startSession(): Promise<{ session: Session; rejected: string; close: () => Promise<void> }> {
  const domain = await startTestBackend()
  const session = domain.jwtSessions().get('ann')
  const { access_token: rejected } = await session.getToken()
  return { session, rejected, close: domain.close }
}

it('gives the new token to a tab that reports the old one just after its renewal', async () => {
  const { session, rejected, close } = await startSession()
  const renewals = new ForcedRenewals(() => 0)
  const renewed = await renewals.renew('ann', session, rejected)
  expect(renewed.access_token).not.toBe(rejected)
  expect(await renewals.renew('ann', session, rejected)).toEqual(renewed)
  const again = renewals.renew('ann', session, renewed.access_token)
  await expect(again).rejects.toMatchObject({ status: 429, code: 'Throttled' })
  await close()
})
