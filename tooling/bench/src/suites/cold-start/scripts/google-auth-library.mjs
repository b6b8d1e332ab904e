import { JWT } from 'google-auth-library'
import { application, claims, endpoint, expectToken, user_id } from './application.mjs'

if (endpoint) {
  const jwt = new JWT({
    email: application.client_id,
    key: application.private_key_pem,
    subject: user_id,
    additionalClaims: claims(),
    // Replaces Google's address, which is fixed.
    transporterOptions: { fetchImplementation: (_url, init) => fetch(`${endpoint}/v2/oauth/token`, init) },
  })
  const { access_token } = await jwt.authorize()
  expectToken(access_token)
}
