import { createPrivateKey, randomBytes } from 'node:crypto'
import { PDSClient } from '@pds/client'
import type { IPDSRequestConfig } from '@pds/core'
import { type RunningEmulator, startEmulator } from '@pds/emulator'
import type { ITokenInfo } from '@pds/types'
import { challengeOf } from './canaries.ts'

/** A prepared call of a method. */
export interface PreparedCall {
  /** The secrets of this call: the code or refresh token that it spends, or its access token. */
  secrets: string[]
  make(client: PDSClient, options?: IPDSRequestConfig): Promise<unknown>
}

/** An emulated domain with recognizable secrets, and a factory of calls for each method of the client. */
export interface TestDomain {
  emulator: RunningEmulator
  /** Clears the faults after every earlier request has reached the emulator. */
  settle(): Promise<void>
  private_key_pem: string
  passphrase: string
  client_secret: string
  methods: Record<string, () => Promise<PreparedCall>>
}

/** Starts the emulator of a test domain. */
export async function startTestDomain(): Promise<TestDomain> {
  const passphrase = 'canary N6tq C1bxZ/+'
  const client_secret = 'canary-Uj2w-M7sfY/+'
  const redirect_uri = 'http://127.0.0.1:3000/callback'
  const emulator = await startEmulator({
    apps: [
      { type: 'jwt', client_id: 'jwt-app' },
      { type: 'webserver', client_id: 'web-app', client_secret, redirect_uris: [redirect_uri] },
    ],
  })
  const { api_endpoint, domain_id } = emulator
  const private_key_pem = createPrivateKey(emulator.app('jwt').private_key_pem ?? '')
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
    .toString()
  const key = { domain_id, client_id: 'jwt-app', private_key_pem, passphrase }
  const web = { client_id: 'web-app', client_secret, redirect_uri }
  const plainClient = new PDSClient({ api_endpoint })

  const newCode = () => {
    const code_verifier = randomBytes(32).toString('base64url')
    const code_challenge = challengeOf(code_verifier)
    const code = emulator.createCode({ client_id: 'web-app', code_challenge, code_challenge_method: 'S256' })
    return { code, code_verifier }
  }
  const secretsOf = ({ access_token, refresh_token = '' }: ITokenInfo) => [access_token, refresh_token]

  const methods: TestDomain['methods'] = {
    getUserJwtToken: async () => ({
      secrets: [],
      make: (client, options) => client.getUserJwtToken({ ...key, user_id: 'user-1' }, options),
    }),
    getServiceJwtToken: async () => ({
      secrets: [],
      make: (client, options) => client.getServiceJwtToken(key, options),
    }),
    refreshJwtToken: async () => {
      const token = await plainClient.getUserJwtToken({ ...key, user_id: 'user-1' })
      const params = { client_id: 'jwt-app', refresh_token: token.refresh_token ?? '' }
      return { secrets: secretsOf(token), make: (client, options) => client.refreshJwtToken(params, options) }
    },
    getTokenByCode: async () => {
      const params = { ...web, ...newCode() }
      return {
        secrets: [params.code, params.code_verifier],
        make: (client, options) => client.getTokenByCode(params, options),
      }
    },
    refreshToken: async () => {
      const token = await plainClient.getTokenByCode({ ...web, ...newCode() })
      const params = { ...web, refresh_token: token.refresh_token ?? '' }
      return { secrets: secretsOf(token), make: (client, options) => client.refreshToken(params, options) }
    },
    postAPI: async () => {
      const token = await plainClient.getServiceJwtToken(key)
      return {
        secrets: secretsOf(token),
        make: (client, options) => {
          client.setToken(token)
          return client.postAPI('/user/get', { user_id: 'user-1' }, options)
        },
      }
    },
  }
  const settle = async () => {
    // An aborted request may still be in transit. This request, on a new connection, arrives after it.
    await fetch(`${api_endpoint}/_emulator/faults`, { headers: { connection: 'close' } })
    emulator.clearFaults()
  }
  return { emulator, settle, private_key_pem, passphrase, client_secret, methods }
}
