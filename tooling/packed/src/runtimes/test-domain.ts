import { createPrivateKey } from 'node:crypto'
import { type LoggedRequest, type RunningEmulator, startEmulator } from '@pds/emulator'
import { servePages } from 'shared/browser'

export const user_id = 'user-1'
export const passphrase = 'the passphrase of the key'

/** A token as the domain answers it. */
interface Token {
  access_token: string
  refresh_token: string
}

/** A domain on this machine, with an application that users sign in to, and its page that they come back to. */
export interface TestDomain {
  readonly emulator: RunningEmulator
  readonly app: { client_id: string; redirect_uri: string }
  /** The key of its JWT application in PEM, in each form. */
  readonly pem: Readonly<Record<'pkcs8' | 'pkcs1' | 'encryptedPkcs8' | 'encryptedPkcs1', string>>
  /** What a scenario needs of it to sign. */
  readonly signing: {
    api_endpoint: string
    domain_id: string
    client_id: string
    user_id: string
    pem: object
  }
  /** Signs a user in, with no code of ours. */
  signIn(): Promise<Token>
  /** What the domain is asked from now on, as `path grant status`; browsers ask for permission first, which is left out. */
  watch(): () => string[]
  close(): Promise<void>
}

export async function startTestDomain(): Promise<TestDomain> {
  // A page of a browser reads the address that it came back to, as a program does.
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
      const answer = await fetch(`${api_endpoint}/v2/oauth/token`, { method: 'POST', body })
      return (await answer.json()) as Token
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
