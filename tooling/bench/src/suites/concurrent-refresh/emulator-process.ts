import { startEmulator } from '@pds/emulator'
import { answerOrders } from '../../harness/request-process.ts'
import type { Application, DomainAnswer, DomainOrder, Token } from './messages.ts'

/* A domain in a process of its own, whose clock is moved from outside. */

const emulator = await startEmulator()
const { client_id, client_secret = '', redirect_uris } = emulator.app('webserver')
const [redirect_uri = ''] = redirect_uris
const { api_endpoint } = emulator
const application: Application = { api_endpoint, client_id, client_secret, redirect_uri }

answerOrders(async ({ signIn = false, advance = 0 }: DomainOrder): Promise<DomainAnswer> => {
  emulator.clock.advance(advance)
  const token = signIn ? await getToken() : undefined
  const refreshes = emulator.requests.filter(({ grant }) => grant === 'refresh_token').length
  return { application, refreshes, ...(token && { token }) }
})

async function getToken(): Promise<Token> {
  const code = emulator.createCode({ client_id })
  const form = { grant_type: 'authorization_code', client_id, client_secret, redirect_uri, code }
  const body = new URLSearchParams(form)
  const answer = await fetch(`${api_endpoint}/v2/oauth/token`, { method: 'POST', body })
  return (await answer.json()) as Token
}
