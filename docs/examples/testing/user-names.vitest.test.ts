import { type RunningEmulator, startEmulator } from '@pds/emulator'
import { afterEach, beforeEach, expect, it } from 'vitest'
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

const grants = () => emulator.requests.filter(({ grant, status }) => grant && status === 200).length

it('requests one token for many concurrent callers', async () => {
  const names = await Promise.all(Array.from({ length: 20 }, () => userName('ann')))
  expect(new Set(names)).toEqual(new Set(['Ann Lee']))
  expect(grants()).toBe(1)
})

it('gets another token after the first one expired', async () => {
  await userName('ann')
  emulator.clock.advance(3 * 3600 * 1000)
  expect(await userName('ann')).toBe('Ann Lee')
  expect(grants()).toBe(2)
})

it('recovers from a lost response', async () => {
  emulator.injectFault({ type: 'drop', when: 'after', path: '/v2/oauth/token' })
  expect(await userName('ann')).toBe('Ann Lee')
})

it('rejects when the service throttles requests', async () => {
  emulator.injectFault({ type: 'throttle', retryAfter: 3600, path: '/v2/oauth/token' })
  await expect(userName('ann')).rejects.toMatchObject({ name: 'PDSError', status: 429 })
})

it('reports the status of a rejected request', async () => {
  emulator.injectFault({ type: 'status', status: 403, code: 'Forbidden', path: '/v2/user/get' })
  await expect(userName('ann')).rejects.toThrow('the service responded with 403')
})
