import { parseArgs } from 'node:util'
import { type ITokenInfo, isPDSError, PDSClient } from '@pds/client'
import { startEmulator } from '@pds/emulator'
import { printCheck, printLog, printNext, printResult, printStep, printSummary } from './print.ts'

/*
 * The command behind `npm start`: a run of the five token methods against an emulated domain on this machine. Prints
 * requests and responses from the log of the domain, which masks secrets.
 */

const { values: options } = parseArgs({ options: { verbose: { type: 'boolean', default: false } } })
const domain = await startEmulator()
const { domain_id, api_endpoint } = domain
const client = new PDSClient({ api_endpoint })

console.log(`A PDS domain runs on ${api_endpoint}. No request leaves this machine.
Each secret is shown as a short hash between asterisks: the same hash means the same secret.`)

const jwtApp = domain.app('jwt')
const { client_id } = jwtApp
const jwtKey = { domain_id, client_id, private_key_pem: jwtApp.private_key_pem ?? '' }

printStep('1. getUserJwtToken', 'a back end signs an assertion and gets a token for one of its users')
const userToken = await client.getUserJwtToken({ ...jwtKey, user_id: 'user-1' })
show()

printStep('2. getServiceJwtToken', 'a script gets the super administrator token of the domain')
await client.getServiceJwtToken(jwtKey)
show()

printStep('3. refreshJwtToken', 'the back end replaces the token of step 1')
const refreshJwt = ({ refresh_token = '' }: ITokenInfo) =>
  client.refreshJwtToken({ client_id, refresh_token })
const newUserToken = await refreshJwt(userToken)
show()

const webApp = domain.app('webserver')
const [redirect_uri = ''] = webApp.redirect_uris
const oauthApp = { client_id: webApp.client_id, client_secret: webApp.client_secret, redirect_uri }

printStep('4. getTokenByCode', 'a user signs in, and the web server exchanges the code for a token')
const code = await signIn()
show()
const signedIn = await client.getTokenByCode({ ...oauthApp, code })
show()

printStep('5. refreshToken', 'the web server replaces the token of step 4')
const refresh = ({ refresh_token = '' }: ITokenInfo) => client.refreshToken({ ...oauthApp, refresh_token })
const newSignedIn = await refresh(signedIn)
show()

printStep('6. rotation', 'the service rejects the tokens that a refresh has replaced')
const replaced = 401
const spent = 'InvalidParameter.RefreshToken'
const expected = [replaced, 200, spent, replaced, 200, spent]
const received = [
  await callWith('access token of step 1, replaced', userToken),
  await callWith('access token of step 3', newUserToken),
  await refreshAgain('refresh token of step 1, spent', () => refreshJwt(userToken)),
  await callWith('access token of step 4, replaced', signedIn),
  await callWith('access token of step 5', newSignedIn),
  await refreshAgain('refresh token of step 4, spent', () => refresh(signedIn)),
]
await domain.close()

const isAsDocumented = String(received) === String(expected)
printResult(
  isAsDocumented,
  isAsDocumented
    ? 'All five methods worked, and the service rejected the old tokens after each refresh.'
    : `The rotation is not as documented: expected ${expected}, received ${received}.`,
)
printNext({
  'npm run web': 'a web application to sign in to, and a live log of its requests',
  'npm start -- --verbose': 'every field of these requests and responses',
  'README.md': 'which packages you need, and code to start with',
  'packages/emulator/README.md': 'this domain in the tests of your application',
})
process.exitCode = isAsDocumented ? 0 : 1

/** Prints the last request that the domain received. */
function show(): void {
  const request = domain.requests.at(-1)
  if (request) options.verbose ? printLog(request) : printSummary(request)
}

/** Prints the last request as a check of a token. */
function showCheck(name: string): void {
  const request = domain.requests.at(-1)
  if (request) options.verbose ? printLog(request) : printCheck(name, request)
}

/** Signs in as the user's browser does: follows the authorization URL, and returns the code of the redirect. */
async function signIn(): Promise<string> {
  const url = new URL(`${api_endpoint}/v2/oauth/authorize`)
  const { client_id } = oauthApp
  const query = { response_type: 'code', login_type: 'default', client_id, redirect_uri, user_id: 'user-1' }
  url.search = new URLSearchParams(query).toString()
  const response = await fetch(url, { redirect: 'manual' })
  return new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? ''
}

/** Calls the API with an access token, and returns the status. */
async function callWith(name: string, { access_token }: ITokenInfo): Promise<number> {
  const headers = { authorization: `Bearer ${access_token}` }
  const response = await fetch(`${api_endpoint}/v2/user/get`, { method: 'POST', headers })
  showCheck(name)
  return response.status
}

/** Refreshes with a spent refresh token, and returns the code of the error. */
async function refreshAgain(name: string, refreshWith: () => Promise<unknown>): Promise<string> {
  const code = await refreshWith().then(
    () => 'no error',
    (error: unknown) => (isPDSError(error) ? error.code : String(error)),
  )
  showCheck(name)
  return code
}
