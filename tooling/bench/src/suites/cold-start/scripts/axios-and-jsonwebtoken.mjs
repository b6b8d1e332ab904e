import axios from 'axios'
import jsonwebtoken from 'jsonwebtoken'
import { application, claims, endpoint, expectToken, grant_type } from './application.mjs'

// As in the vendor's guide.
if (endpoint) {
  const { client_id, private_key_pem } = application
  const assertion = jsonwebtoken.sign(claims(), private_key_pem, { algorithm: 'RS256' })
  const form = new URLSearchParams({ grant_type, client_id, assertion })
  const { data } = await axios.post(`${endpoint}/v2/oauth/token`, form)
  expectToken(data.access_token)
}
