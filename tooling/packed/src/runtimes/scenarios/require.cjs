/* Obtains a token and calls the API in CommonJS: `require.cjs <environment of client.mjs as JSON>`. */
const { PDSClient } = require('@pds/client')

async function main({ api_endpoint, domain_id, client_id, user_id, pem }) {
  const client = new PDSClient({ api_endpoint })
  client.setToken(await client.getUserJwtToken({ domain_id, client_id, private_key_pem: pem.pkcs8, user_id }))
  const user = await client.postAPI('/user/get', { user_id })
  process.stdout.write(`${JSON.stringify({ user_id: user.user_id })}\n`)
}

main(JSON.parse(process.argv[2]))
