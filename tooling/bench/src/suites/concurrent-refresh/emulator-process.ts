import { startEmulator } from '@pds/emulator'
import { serveRequests } from '../../harness/request-process.ts'
import type { Application, EmulatorRequest, EmulatorResponse, Token } from './messages.ts'

/* An emulator in a separate process. The benchmark advances its clock. */

const emulator = await startEmulator()
const { client_id, client_secret = '', redirect_uris } = emulator.app('webserver')
const [redirect_uri = ''] = redirect_uris
const { api_endpoint } = emulator
const application: Application = { api_endpoint, client_id, client_secret, redirect_uri }

serveRequests(async ({ signIn = false, advance = 0 }: EmulatorRequest): Promise<EmulatorResponse> => {
  emulator.clock.advance(advance)
  const token = signIn ? await getToken() : undefined
  const refreshes = emulator.requests.filter(({ grant }) => grant === 'refresh_token').length
  return { application, refreshes, ...(token && { token }) }
})

async function getToken(): Promise<Token> {
  const code = emulator.createCode({ client_id })
  const form = { grant_type: 'authorization_code', client_id, client_secret, redirect_uri, code }
  const body = new URLSearchParams(form)
  const response = await fetch(`${api_endpoint}/v2/oauth/token`, { method: 'POST', body })
  return (await response.json()) as Token
}
