import { createRequire } from 'node:module'
import type { PDSClient, PDSError, TokenInfo } from '@pds/client'
import { isPDSError } from '@pds/core'

/*
 * A process for vendor-electron.test.ts: a module with a client that the main process of a desktop application forks, as in
 * the vendor's Electron example. Its messages are structured clones, as in Electron.
 *
 * The test sends `{ id, action, params }`, and receives `{ id, result }` or `{ id, error, reason }`. The process asks for a
 * token with `{ rejected }`, and receives `{ token }` or `{ failed }`.
 */

// The example is a CommonJS module.
const sdk = createRequire(import.meta.url)('@pds/client') as typeof import('@pds/client')

let client: PDSClient
let onToken: (answer: { token?: TokenInfo; failed?: object }) => void

/** Returns a token of the main process, which owns the session. */
async function askForToken(rejected: string | undefined): Promise<TokenInfo> {
  const answered = new Promise<{ token?: TokenInfo; failed?: object }>((resolve) => {
    onToken = resolve
  })
  process.send?.({ rejected })
  const { token, failed } = await answered
  if (!token) throw sdk.reviveError(failed)
  return token
}

const actions: Record<string, (params: never) => unknown> = {
  init({ api_endpoint }: { api_endpoint: string }) {
    client = new sdk.PDSClient({ api_endpoint })
  },
  /** The same, with the tokens of the main process. */
  initWithSession({ api_endpoint }: { api_endpoint: string }) {
    client = new sdk.PDSClient({ api_endpoint, refresh_token_fun: ({ rejected }) => askForToken(rejected) })
  },
  setToken({ tokenInfo }: { tokenInfo: TokenInfo }) {
    client.setToken(tokenInfo)
  },
  getUser: () => client.postAPI('/user/get', {}),
  token: () => client.token_info,
}

interface Call {
  id: number
  action: string
  params: never
}

process.on('message', async (message: Call | { token?: TokenInfo; failed?: object }) => {
  if (!('action' in message)) return onToken(message)
  const { id, action, params } = message
  try {
    process.send?.({ id, result: await actions[action]?.(params) })
  } catch (error) {
    process.send?.({ id, error, reason: isPDSError(error) ? reasonOf(error) : undefined })
  }
})

function reasonOf(error: PDSError): object {
  const cause = isPDSError(error.cause) ? error.cause.code : undefined
  // The first two are what the example sends.
  return { message: error.message, error_code: error.code, json: error.toJSON(), cause }
}
