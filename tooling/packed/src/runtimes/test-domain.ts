import { createPrivateKey } from 'node:crypto'
import { type LoggedRequest, type RunningEmulator, startEmulator } from '@pds/emulator'
import { servePages } from 'shared/browser'

export const user_id = 'user-1'
export const passphrase = 'the passphrase of the key'

/** A token as the domain returns it. */
interface Token {
  access_token: string
  refresh_token: string
}

/** A domain on this machine, with an application for sign-ins and the page of its redirect URI. */
export interface TestDomain {
  readonly emulator: RunningEmulator
  readonly app: { client_id: string; redirect_uri: string }
  /** The private key of the JWT application in each PEM format. */
  readonly pem: Readonly<Record<'pkcs8' | 'pkcs1' | 'encryptedPkcs8' | 'encryptedPkcs1', string>>
  /** The environment that a scenario needs to sign. */
  readonly signing: {
    api_endpoint: string
    domain_id: string
    client_id: string
    user_id: string
    pem: object
  }
  /** Signs a user in without code of the SDK. */
  signIn(): Promise<Token>
  /** Returns a function that lists the requests since now as `path grant status`, without CORS preflights. */
  watch(): () => string[]
  close(): Promise<void>
}

export async function startTestDomain(): Promise<TestDomain> {
  // A page in a browser reads the callback URL with fetch, so the response needs a CORS header.
  const callback = await servePages('', { 'access-control-allow-origin': '*' })
  const app = { client_id: 'native-app', redirect_uri: `${callback.origin}/callback` }
  const emulator = await startEmulator({
    users: [{ user_id }],
    apps: [
      { type: 'jwt', client_id: 'jwt-app' },
      { type: 'native', client_id: app.client_id, redirect_uris: [app.redirect_uri] },
    ],
  })
  const { api_endpoint, domain_id } = emulator
  const pem = formsOf(emulator.app('jwt').private_key_pem ?? '')
  return {
    emulator,
    app,
    pem,
    signing: { api_endpoint, domain_id, client_id: 'jwt-app', user_id, pem },
    async signIn() {
      const form = { ...app, grant_type: 'authorization_code', code: emulator.createCode(app) }
      const body = new URLSearchParams(form)
      const response = await fetch(`${api_endpoint}/v2/oauth/token`, { method: 'POST', body })
      return (await response.json()) as Token
    },
    watch() {
      const since = emulator.requests.length
      return () => emulator.requests.slice(since).flatMap(describeRequest)
    },
    async close() {
      await emulator.close()
      await callback.close()
    },
  }
}

function describeRequest({ method, path, grant, status }: LoggedRequest): string[] {
  return method === 'OPTIONS' ? [] : [[path, ...(grant ? [grant] : []), status].join(' ')]
}

function formsOf(pem: string): TestDomain['pem'] {
  const key = createPrivateKey(pem)
  const write = (type: 'pkcs8' | 'pkcs1', encryption?: { cipher: string; passphrase: string }) =>
    key.export({ type, format: 'pem', ...encryption }).toString()
  const encryption = { cipher: 'aes-256-cbc', passphrase }
  return {
    pkcs8: write('pkcs8'),
    pkcs1: write('pkcs1'),
    encryptedPkcs8: write('pkcs8', encryption),
    encryptedPkcs1: write('pkcs1', encryption),
  }
}
