import { getUserJwtToken } from '@pds/auth-jwt'
import { getTokenByCode, refreshToken } from '@pds/auth-oauth'
import { createTransport } from '@pds/core'
import { startEmulator } from '@pds/emulator'
import { failureOf, statusOf, verify } from './verify.mjs'

const faults = [
  { type: 'throttle' },
  { type: 'drop', when: 'after' },
  { type: 'truncate' },
  { type: 'wrong-length', by: 100 },
  { type: 'wrong-length', by: -10 },
]

/** Starts an emulator, obtains tokens from it, injects faults and closes it. */
export async function run({ user_id }) {
  const emulator = await startEmulator({ users: [{ user_id }] })
  const { api_endpoint, domain_id } = emulator
  const transport = createTransport({ api_endpoint, retryCount: 0 })
  const { client_id, private_key_pem } = emulator.app('jwt')
  const signed = await getUserJwtToken(transport, { domain_id, client_id, private_key_pem, user_id })
  verify('the status of a token', await statusOf(api_endpoint, signed.access_token), 200)

  const native = emulator.app('native')
  const app = { client_id: native.client_id, redirect_uri: native.redirect_uris[0] }
  const code = emulator.createCode(app)
  const first = await getTokenByCode(transport, { ...app, code })
  const refresh = (token) => refreshToken(transport, { ...app, refresh_token: token.refresh_token })
  const second = await refresh(first)
  emulator.clock.advance(2 * 3600 * 1000)
  verify('the status of an expired token', await statusOf(api_endpoint, second.access_token), 401)

  const outcomes = []
  for (const fault of faults) {
    const token = await getTokenByCode(transport, { ...app, code: emulator.createCode(app) })
    emulator.injectFault(fault)
    const result = await refresh(token).then(
      () => 'none',
      ({ code, outcome }) => `${code}, ${outcome}`,
    )
    outcomes.push(result)
  }
  await emulator.close()
  const closed = await failureOf(refresh(second))
  verify('the error after the emulator was closed', closed.code, 'NetworkError')
  const log = emulator.requests.map(({ path, grant = '', status }) => `${path} ${grant} ${status}`)
  return { outcomes, log: log.slice(0, 5) }
}
