import { isPDSError, PDSClient } from '@pds/client'
import { startEmulator } from '@pds/emulator'
import { showRequest, title } from './print.ts'

/*
 * A guided run of the five token methods against a PDS domain on this machine. What is shown of each request and
 * answer is the domain's own log of them, in which secrets are masked.
 */

const domain = await startEmulator()
const { domain_id, api_endpoint } = domain
const client = new PDSClient({ api_endpoint })

console.log(`A PDS domain is listening on ${api_endpoint}, on this machine only. Secrets are shown as ***.`)

const jwtApp = domain.app('jwt')
const jwtKey = { domain_id, client_id: jwtApp.client_id, private_key_pem: jwtApp.private_key_pem ?? '' }

title(1, 'getUserJwtToken', 'a back end obtains a token for one of its users, with its private key')
const userToken = await client.getUserJwtToken({ ...jwtKey, user_id: 'user-1' })
showRequest(domain)

title(2, 'getServiceJwtToken', 'a script obtains the super administrator token of the domain')
await client.getServiceJwtToken(jwtKey)
showRequest(domain)

title(3, 'refreshJwtToken', 'the back end replaces the token before it expires')
const { client_id } = jwtApp
const newToken = await client.refreshJwtToken({ client_id, refresh_token: userToken.refresh_token ?? '' })
showRequest(domain)

const webApp = domain.app('webserver')
const [redirect_uri = ''] = webApp.redirect_uris
const oauthApp = { client_id: webApp.client_id, client_secret: webApp.client_secret, redirect_uri }

title(4, 'getTokenByCode', 'a user signs in, and the web server exchanges the code that comes back')
const code = await signIn()
const signedIn = await client.getTokenByCode({ ...oauthApp, code })
showRequest(domain)

title(5, 'refreshToken', 'the web server replaces the token of its user')
const newSignedIn = await client.refreshToken({
  ...oauthApp,
  refresh_token: signedIn.refresh_token ?? '',
})
showRequest(domain)

title(6, 'rotation', 'the tokens of before the refresh are dead, the new ones are alive')
const statuses: number[] = []
for (const { access_token } of [userToken, newToken, signedIn, newSignedIn]) {
  statuses.push(await call(access_token))
  showRequest(domain)
}
const spent = await client
  .refreshJwtToken({ client_id, refresh_token: userToken.refresh_token ?? '' })
  .catch((error: unknown) => (isPDSError(error) ? error.code : 'another error'))
showRequest(domain)

await domain.close()

const asExpected = String([...statuses, spent]) === '401,200,401,200,InvalidParameter.RefreshToken'
console.log(
  asExpected
    ? '\nAll five methods worked, and the old tokens were refused after the refresh.'
    : `\nThe rotation was not as documented: ${[...statuses, spent]}.`,
)
process.exitCode = asExpected ? 0 : 1

/** What the user's browser does: it follows the authorize address, and comes back with a code. */
async function signIn(): Promise<string> {
  const authorize = new URL(`${api_endpoint}/v2/oauth/authorize`)
  const { client_id } = oauthApp
  const query = { response_type: 'code', login_type: 'default', client_id, redirect_uri, user_id: 'user-1' }
  authorize.search = new URLSearchParams(query).toString()
  const response = await fetch(authorize, { redirect: 'manual' })
  showRequest(domain)
  return new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? ''
}

/** Tries a token on a protected call, and gives the status. */
async function call(access_token: string): Promise<number> {
  const headers = { authorization: `Bearer ${access_token}` }
  const response = await fetch(`${api_endpoint}/v2/user/get`, { method: 'POST', headers })
  return response.status
}
