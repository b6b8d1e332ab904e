import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { createUserNames } from './user-names.ts'

let emulator: RunningEmulator
let userName: (user_id: string) => Promise<string>

beforeEach(async () => {
  emulator = await startEmulator({ users: [{ user_id: 'ann', user_name: 'Ann Lee' }] })
  const { domain_id, api_endpoint } = emulator
  const { client_id, private_key_pem } = emulator.app('jwt')
  userName = createUserNames({ api_endpoint, domain_id, client_id, private_key_pem })
})

afterEach(() => emulator.close())

test('gets another token after the first one expired', async () => {
  assert.equal(await userName('ann'), 'Ann Lee')
  emulator.clock.advance(3 * 3600 * 1000)
  assert.equal(await userName('ann'), 'Ann Lee')
})

test('rejects when the service throttles requests', async () => {
  emulator.injectFault({ type: 'throttle', retryAfter: 3600, path: '/v2/oauth/token' })
  await assert.rejects(userName('ann'), { name: 'PDSError', status: 429 })
})
